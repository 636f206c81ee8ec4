/* The oracle in the probe's place: answers a stream on standard input as the router's probe would,
   so that streams, generator and comparison can be tried without the router. */
#include "generate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t body[1 << 20];
static struct { uint32_t kind, length; } header;

static void put(const void *at, size_t count) { fwrite(at, 1, count, stdout); }
static void put32(uint32_t value) { put(&value, 4); }
static void put16(uint16_t value) { put(&value, 2); }
static void put8(uint8_t value) { put(&value, 1); }

static void answer(const struct answer *a) {
  put32(a->result_count);
  for (unsigned i = 0; i < a->result_count; i++) {
    const struct result *r = &a->results[i];
    put32(r->packet);
    put8(r->verdict), put8(r->reason), put8(r->direction), put8(0);
    put16(r->host), put16(r->outputs);
    put32(r->entries ? r->entry[0] : ~0u);
    for (unsigned k = 0; k < r->outputs; k++) {
      const struct output *o = &a->outputs[r->first_output + k];
      put32(o->length);
      put(a->octets + o->start, o->length);
    }
  }
}

static void configure(void) {
  struct configuration c = {0};
  memcpy(&c, body, 12);
  memcpy(&c.responder, body + 12, 2);
  c.hairpin = body[14];
  c.inside_count = body[15];
  memcpy(c.inside, body + 16, 8 * c.inside_count);
  oracle_configure(&c);
}

static void change(void) {
  struct change c = {
    .kind = body[0], .protocol = body[1], .suspended = body[2], .prefix_length = body[3]};
  memcpy(&c.host, body + 4, 8);
  memcpy(&c.entry, body + 12, 16);
  oracle_change(&c);
}

int main(void) {
  static char room[1 << 22];
  uint32_t number = 0;
  uint64_t now;
  /* Written only where the stream says so: the driver reads nothing before. */
  setvbuf(stdout, room, _IOFBF, sizeof room);
  while (fread(&header, 1, sizeof header, stdin) == sizeof header) {
    if (header.length > sizeof body || fread(body, 1, header.length, stdin) != header.length)
      return 2;
    memcpy(&now, body, 8);
    switch (header.kind) {
    case RECORD_CONFIGURATION:
      configure();
      number = 0;
      break;
    case RECORD_CHANGE: change(); break;
    case RECORD_PACKET:
      answer(oracle_decide(number++, body + 8, header.length - 8, now));
      break;
    case RECORD_SWEEP: answer(oracle_sweep(now)); break;
    case RECORD_FLUSH: fflush(stdout); break;
    default: return 2;
    }
  }
  return 0;
}
