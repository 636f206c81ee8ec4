/* Sends generated packets to the router's data path and to the oracle, and compares the answers.
   README.md says how to run it and what the stream is. */
#define _GNU_SOURCE
#include "generate.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 2048, MOST_SIGNATURES = 256, HEADER = 20 };

static struct {
  uint64_t seed, worlds, packets_per_world;
  unsigned examples;
  const char *probe, *save;
} options = {
  .seed = 0, .worlds = 1, .packets_per_world = 20000, .examples = 1};

static struct { FILE *to; int from; pid_t pid; } probe;
static uint64_t current_seed;

static void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "differential: ");
  vfprintf(stderr, format, arguments);
  fprintf(stderr, "\n");
  va_end(arguments);
  exit(2);
}

/* Part: octets that grow */

struct octets { uint8_t *at; size_t count, room; };
static void append(struct octets *o, const void *at, size_t count) {
  if (o->count + count > o->room) {
    o->room = 2 * (o->count + count) + 4096;
    o->at = realloc(o->at, o->room);
  }
  if (count) memcpy(o->at + o->count, at, count);
  o->count += count;
}
static void append8(struct octets *o, unsigned v) { append(o, &(uint8_t){v}, 1); }
static void append16(struct octets *o, unsigned v) { append(o, &(uint16_t){v}, 2); }
static void append32(struct octets *o, uint32_t v) { append(o, &(uint32_t){v}, 4); }
static void append64(struct octets *o, uint64_t v) { append(o, &v, 8); }

/* Part: the stream (README.md, "The stream"; this machine's octet order is the stream's) */

static void append_header(struct octets *o, enum record_kind kind, uint32_t length) {
  append32(o, kind);
  append32(o, length);
}
static void append_configuration(struct octets *o, const struct configuration *c) {
  append_header(o, RECORD_CONFIGURATION, 16 + 8 * c->inside_count);
  append32(o, c->external);
  append32(o, c->endpoint);
  append32(o, c->mtu);
  append16(o, c->responder);
  append8(o, c->hairpin);
  append8(o, c->inside_count);
  append(o, c->inside, 8 * c->inside_count);
}
static void append_change(struct octets *o, const struct change *c) {
  append_header(o, RECORD_CHANGE, 28);
  append8(o, c->kind);
  append8(o, c->protocol);
  append8(o, c->suspended);
  append8(o, c->prefix_length);
  append16(o, c->host);
  append16(o, c->slot);
  append16(o, c->first_port);
  append16(o, c->port_count);
  append32(o, c->entry);
  append32(o, c->address);
  append32(o, c->spi_in);
  append32(o, c->spi_out);
}
static void append_record(struct octets *o, const struct record *r) {
  switch (r->kind) {
  case RECORD_CHANGE: append_change(o, &r->change); break;
  case RECORD_PACKET:
    append_header(o, r->kind, 8 + r->length);
    append64(o, r->now);
    append(o, r->octets, r->length);
    break;
  case RECORD_SWEEP:
    append_header(o, r->kind, 8);
    append64(o, r->now);
    break;
  default: append_header(o, r->kind, 0); break;
  }
}

/* Part: the probe */

static void start_probe(void) {
  int down[2], up[2];
  signal(SIGPIPE, SIG_IGN);
  if (pipe2(down, O_CLOEXEC) || pipe2(up, O_CLOEXEC)) fail("no pipes");
  probe.pid = fork();
  if (probe.pid < 0) fail("no process");
  if (probe.pid == 0) {
    dup2(down[0], 0);
    dup2(up[1], 1);
    execl(options.probe, options.probe, (char *)NULL);
    _exit(127);
  }
  close(down[0]);
  close(up[1]);
  fcntl(down[1], F_SETPIPE_SZ, 1 << 20);
  fcntl(up[0], F_SETPIPE_SZ, 1 << 20);
  probe.to = fdopen(down[1], "wb");
  probe.from = up[0];
}
static void probe_died(void) {
  int status = 0;
  waitpid(probe.pid, &status, 0);
  fail("the probe ended (status 0x%x) within the world of seed %llu: --seed %llu --worlds 1 "
       "--save FILE keeps its stream", status, (unsigned long long)current_seed,
       (unsigned long long)current_seed);
}
static struct { uint8_t at[1 << 16]; size_t start, end; } input;
static void receive(void *to, size_t count) {
  for (uint8_t *at = to; count;) {
    if (input.start == input.end) {
      ssize_t got = read(probe.from, input.at, sizeof input.at);
      if (got <= 0) probe_died();
      input.start = 0;
      input.end = got;
    }
    size_t n = input.end - input.start < count ? input.end - input.start : count;
    memcpy(at, input.at + input.start, n);
    input.start += n;
    at += n;
    count -= n;
  }
}

/* Part: answers. The oracle's are kept in the probe's form, with its masks beside. */

struct answer_head {
  uint32_t packet;
  uint8_t verdict, reason, direction, zero;
  uint16_t host, outputs;
  uint32_t entry;
};

static const char *const verdicts[] = {"forward", "answer", "consume", "drop", "hold"};
static void describe(char *to, size_t room, unsigned verdict, unsigned reason) {
  snprintf(to, room, "%s%s%s", verdict < 5 ? verdicts[verdict] : "?",
           reason == NO_REASON ? "" : " ", reason == NO_REASON ? "" : oracle_reason(reason));
}

static struct {
  uint64_t packets, results, mismatches, by_verdict[5], by_reason[REASON_COUNT];
} total;
static struct { char text[160]; uint64_t count; } signatures[MOST_SIGNATURES];
static unsigned signature_count;

struct sent { enum record_kind kind; uint64_t now; uint32_t number, length; size_t offset; };
static struct sent batch[BATCH];
static unsigned batch_count;
static struct octets stream, packets, theirs, ours;

static void print_hex(const char *name, const uint8_t *at, size_t length) {
  printf("  %s (%zu) ", name, length);
  for (size_t i = 0; i < length; i++) printf("%02x", at[i]);
  printf("\n");
}
/* True if this kind of mismatch is to be shown in full. */
static bool is_new(const char *text) {
  unsigned i = 0;
  while (i < signature_count && strcmp(signatures[i].text, text)) i++;
  if (i == signature_count) {
    if (signature_count == MOST_SIGNATURES) return false;
    snprintf(signatures[signature_count++].text, sizeof signatures->text, "%s", text);
  }
  return signatures[i].count++ < options.examples;
}

static void print_result(
  const char *who, const struct answer_head *h, const struct octets *outputs) {
  char text[64];
  size_t at = 0;
  describe(text, sizeof text, h->verdict, h->reason);
  printf(" %s packet %u: %s, %s, host %u, entry %d, outputs %u\n", who, h->packet, text,
         h->direction ? "outbound" : "inbound", h->host, (int)h->entry, h->outputs);
  for (unsigned i = 0; i < h->outputs; i++) {
    uint32_t length;
    memcpy(&length, outputs->at + at, 4);
    print_hex("writes", outputs->at + at + 4, length);
    at += 4 + length;
  }
}

static unsigned sum(const uint8_t *at, unsigned length) {
  uint64_t s = 0;
  for (unsigned i = 0; i + 1 < length; i += 2) s += at[i] << 8 | at[i + 1];
  while (s >> 16) s = (s & 0xffff) + (s >> 16);
  return s;
}
/* Gives the headers that the router made itself the oracle's identification; their checksums must
   be right before. */
static const char *mask(uint8_t *at, uint32_t length, const struct output *wanted,
                        const uint8_t *oracle) {
  for (unsigned i = 0; i < wanted->masks; i++) {
    uint32_t h = wanted->masked[i];
    if (h + HEADER > length) return "cut off";
    if (sum(at + h, HEADER) != 0xffff) return "wrong header checksum";
    memcpy(at + h + 4, oracle + h + 4, 2);
    memcpy(at + h + 10, oracle + h + 10, 2);
  }
  return NULL;
}

/* NULL if the probe's result is the oracle's. */
static const char *compare(const struct answer_head *got, struct octets *outputs,
                           const struct answer *wanted, const struct result *r) {
  if (got->packet != r->packet) return "another packet's";
  if (got->verdict != r->verdict || got->reason != r->reason) return "decision";
  if (got->direction != r->direction) return "direction";
  if (got->host != r->host) return "host";
  if (r->verdict == FORWARD) {
    bool is_found = r->entries == 0 && got->entry == ~0u;
    for (unsigned i = 0; i < r->entries; i++) is_found |= r->entry[i] == got->entry;
    if (!is_found) return "entry";
  }
  if (got->outputs != r->outputs) return "number of outputs";
  size_t at = 0;
  for (unsigned i = 0; i < r->outputs; i++) {
    const struct output *w = &wanted->outputs[r->first_output + i];
    const uint8_t *oracle = wanted->octets + w->start;
    uint32_t length;
    memcpy(&length, outputs->at + at, 4);
    if (length != w->length) return "output length";
    const char *why = mask(outputs->at + at + 4, length, w, oracle);
    if (why) return why;
    if (memcmp(outputs->at + at + 4, oracle, length)) return "output octets";
    at += 4 + length;
  }
  return NULL;
}

static void head_of(struct answer_head *h, const struct result *r) {
  *h = (struct answer_head){
    .packet = r->packet, .verdict = r->verdict, .reason = r->reason, .direction = r->direction,
    .host = r->host, .outputs = r->outputs, .entry = r->entries ? r->entry[0] : ~0u};
}

static void report(const struct sent *s, const char *what, const struct answer_head *got,
                   const struct octets *got_outputs, const struct answer *wanted,
                   const struct result *r) {
  char left[64] = "nothing", right[64] = "nothing", text[160];
  struct answer_head h;
  if (got) describe(left, sizeof left, got->verdict, got->reason);
  if (r) describe(right, sizeof right, r->verdict, r->reason);
  snprintf(text, sizeof text, "%s: router %s, oracle %s", what, left, right);
  total.mismatches++;
  if (!is_new(text)) return;
  printf("MISMATCH in %s\n seed %llu packet %u at %llu ns (%s)\n", text,
         (unsigned long long)current_seed, s->number, (unsigned long long)s->now, generate_focus());
  if (s->kind == RECORD_PACKET) print_hex("packet", packets.at + s->offset, s->length);
  if (got) print_result("router", got, got_outputs);
  if (!r) return;
  head_of(&h, r);
  ours.count = 0;
  for (unsigned i = 0; i < r->outputs; i++) {
    const struct output *w = &wanted->outputs[r->first_output + i];
    append32(&ours, w->length);
    append(&ours, wanted->octets + w->start, w->length);
  }
  print_result("oracle", &h, &ours);
  fflush(stdout);
}

static void count(const struct result *r) {
  total.results++;
  total.by_verdict[r->verdict]++;
  if (r->reason != NO_REASON) total.by_reason[r->reason]++;
}

/* One answer of the probe beside one of the oracle. */
static void check_answer(const struct sent *s, const struct answer *wanted) {
  uint32_t results;
  receive(&results, 4);
  for (uint32_t i = 0; i < results; i++) {
    struct answer_head head;
    receive(&head, sizeof head);
    theirs.count = 0;
    for (unsigned k = 0; k < head.outputs; k++) {
      uint32_t length;
      receive(&length, 4);
      append32(&theirs, length);
      append(&theirs, NULL, 0);
      if (theirs.count + length > theirs.room)
        theirs.at = realloc(theirs.at, theirs.room = 2 * (theirs.count + length));
      receive(theirs.at + theirs.count, length);
      theirs.count += length;
    }
    const struct result *r = i < wanted->result_count ? &wanted->results[i] : NULL;
    const char *what = r ? compare(&head, &theirs, wanted, r) : "one too many";
    if (what) report(s, what, &head, &theirs, wanted, r);
  }
  for (uint32_t i = results; i < wanted->result_count; i++)
    report(s, "one missing", NULL, NULL, wanted, &wanted->results[i]);
  for (uint32_t i = 0; i < wanted->result_count; i++) count(&wanted->results[i]);
}

/* The oracle decides each packet when it is made, since the next change comes after it; its answers
   are kept until the probe's are there. */
static struct answer kept[BATCH];

static void *copy_of(const void *at, size_t size) {
  void *copy = malloc(size + 1);
  if (size) memcpy(copy, at, size);
  return copy;
}
static void keep(struct answer *k, const struct answer *a) {
  free(k->results);
  free(k->outputs);
  free(k->octets);
  *k = *a;
  k->results = copy_of(a->results, a->result_count * sizeof *a->results);
  k->outputs = copy_of(a->outputs, a->output_count * sizeof *a->outputs);
  k->octets = copy_of(a->octets, a->octet_count);
}

static void send_batch(FILE *save) {
  append_header(&stream, RECORD_FLUSH, 0);
  size_t sent = fwrite(stream.at, 1, stream.count, probe.to);
  if (sent != stream.count || fflush(probe.to)) probe_died();
  if (save) fwrite(stream.at, 1, stream.count, save);
  stream.count = 0;
}
static void check_batch(void) {
  for (unsigned i = 0; i < batch_count; i++) check_answer(&batch[i], &kept[i]);
  batch_count = 0;
  packets.count = 0;
}

static void run_world(uint64_t seed, FILE *save) {
  const struct configuration *c = generate_world(seed);
  uint32_t number = 0;
  current_seed = seed;
  oracle_configure(c);
  append_configuration(&stream, c);
  while (number < options.packets_per_world) {
    struct record r;
    generate_next(&r);
    append_record(&stream, &r);
    if (r.kind == RECORD_CHANGE) { oracle_change(&r.change); continue; }
    batch[batch_count] = (struct sent){r.kind, r.now, number, r.length, packets.count};
    append(&packets, r.octets, r.length);
    keep(&kept[batch_count++], r.kind == RECORD_SWEEP ? oracle_sweep(r.now)
      : oracle_decide(number, r.octets, r.length, r.now));
    if (r.kind == RECORD_PACKET) number++, total.packets++;
    if (batch_count == BATCH || packets.count > 8 << 20) { send_batch(save); check_batch(); }
  }
  send_batch(save);
  check_batch();
}

static void print_totals(double seconds) {
  printf("%llu packets, %llu results, seeds %llu to %llu, %.1f s\n",
         (unsigned long long)total.packets, (unsigned long long)total.results,
         (unsigned long long)options.seed, (unsigned long long)(options.seed + options.worlds - 1),
         seconds);
  for (unsigned i = 0; i < 5; i++)
    printf("  %-24s %llu\n", verdicts[i], (unsigned long long)total.by_verdict[i]);
  for (unsigned i = 0; i < REASON_COUNT; i++)
    printf("  drop %-24s %llu\n", oracle_reason(i), (unsigned long long)total.by_reason[i]);
  for (unsigned i = 0; i < signature_count; i++)
    printf("  mismatch %8llu x %s\n", (unsigned long long)signatures[i].count, signatures[i].text);
  printf("%llu mismatches\n", (unsigned long long)total.mismatches);
}

static uint64_t number(const char *text) {
  char *end;
  uint64_t value = strtoull(text, &end, 0);
  if (*text == 0 || *end) fail("'%s' is not a number", text);
  return value;
}
static void read_options(int count, char **at) {
  for (int i = 1; i + 1 < count; i += 2) {
    const char *name = at[i], *value = at[i + 1];
    if (!strcmp(name, "--seed")) options.seed = number(value);
    else if (!strcmp(name, "--worlds")) options.worlds = number(value);
    else if (!strcmp(name, "--packets")) options.packets_per_world = number(value);
    else if (!strcmp(name, "--examples")) options.examples = number(value);
    else if (!strcmp(name, "--probe")) options.probe = value;
    else if (!strcmp(name, "--save")) options.save = value;
    else fail("unknown option %s", name);
  }
  if (count % 2 == 0 || !options.probe)
    fail("usage: --probe PROGRAM [--seed N] [--worlds N] [--packets N] "
         "[--examples N] [--save FILE]");
}

int main(int count, char **at) {
  struct timespec start, end;
  read_options(count, at);
  FILE *save = options.save ? fopen(options.save, "wb") : NULL;
  if (options.save && !save) fail("cannot write %s", options.save);
  clock_gettime(CLOCK_MONOTONIC, &start);
  start_probe();
  for (uint64_t i = 0; i < options.worlds; i++) run_world(options.seed + i, save);
  clock_gettime(CLOCK_MONOTONIC, &end);
  if (save) fclose(save);
  fclose(probe.to);
  waitpid(probe.pid, NULL, 0);
  print_totals(end.tv_sec - start.tv_sec + (end.tv_nsec - start.tv_nsec) / 1e9);
  return total.mismatches ? 1 : 0;
}
