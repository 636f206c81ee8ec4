/* A road that loses, copies, delays and reorders packets, between two TAP devices.
 *
 *   relay SEED FIRST SECOND
 *
 * What comes from one device goes to the other. IPv4 packets are impaired, all else (ARP) passes at
 * once. Each direction has random numbers of its own, drawn from the seed: what becomes of the n-th
 * packet of a direction depends on the seed and n alone.
 *
 * On standard input, a line each:
 *   set LOSE COPY OVERTAKE DELAY LATE    chances in 1000; microseconds
 *   report                               answered with one line of JSON
 * A packet waits DELAY before it goes on; one in a thousand times OVERTAKE waits LATE more, so that
 * those behind it pass; a copy waits LATE more too. The relay ends with its standard input.
 *
 * Every packet is counted under its flow: direction, destination of the IP-in-IP packet around it,
 * protocol, and SPI of ESP, AH or ESP in UDP.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { FRAME = 65536, FLOWS = 512, ETHERNET = 14, IPV4 = 20, UDP = 8 };
enum { IPIP_PROTOCOL = 4, UDP_PROTOCOL = 17, ESP_PROTOCOL = 50, AH_PROTOCOL = 51 };
enum { NAT_TRAVERSAL = 4500 };  /* the port */

struct flow {
  int direction;
  uint32_t outer, spi;
  uint8_t protocol;
  uint64_t arrived, lost, copied, delayed, overtaken, sent;
  uint64_t newest;  /* the greatest number that was sent on */
};

struct frame {
  uint64_t due, order;  /* nanoseconds; frames that are due at once go in this order */
  uint64_t number;      /* of the packet in its flow; 0 is a copy */
  struct flow *flow;
  int to;
  size_t length;
  uint8_t octets[];
};

static struct flow flows[FLOWS];
static int flow_count;
static struct frame **queue;  /* a heap: the first is due first */
static size_t waiting, room;
static uint64_t unsent;
static uint64_t random_state[2];
static unsigned lose, copy, overtake;
static uint64_t delay, late;

static void die(const char *what) {
  perror(what);
  exit(1);
}

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* splitmix64, of a direction. */
static uint64_t draw(int direction) {
  uint64_t z = random_state[direction] += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

static bool happens(int direction, unsigned chance) { return draw(direction) % 1000 < chance; }

static uint32_t word(const uint8_t *octets) {
  uint32_t value;
  memcpy(&value, octets, sizeof value);
  return ntohl(value);
}

/* The flow of an IPv4 packet, or nothing for what is none. */
static struct flow *flow_of(const uint8_t *octets, size_t length, int direction) {
  if (length < ETHERNET + IPV4 || octets[12] != 8 || octets[13] != 0) return NULL;
  const uint8_t *packet = octets + ETHERNET, *end = octets + length;
  uint32_t outer = 0;
  if (packet[9] == IPIP_PROTOCOL && end - packet >= 2 * IPV4) {
    outer = word(packet + 16);
    packet += IPV4;
  }
  const uint8_t *payload = packet + IPV4;
  bool is_later_fragment = ((packet[6] & 0x1f) | packet[7]) != 0;
  uint32_t spi = 0;
  if (is_later_fragment || end - payload < 16) {
  } else if (packet[9] == ESP_PROTOCOL) {
    spi = word(payload);
  } else if (packet[9] == AH_PROTOCOL) {
    spi = word(payload + 4);
  } else if (packet[9] == UDP_PROTOCOL && (payload[0] << 8 | payload[1]) == NAT_TRAVERSAL) {
    spi = word(payload + UDP);
  }
  for (int i = 0; i < flow_count; i++) {
    struct flow *flow = &flows[i];
    if (flow->direction == direction && flow->outer == outer && flow->protocol == packet[9]
        && flow->spi == spi)
      return flow;
  }
  if (flow_count == FLOWS) {
    fprintf(stderr, "too many flows\n");
    exit(1);
  }
  struct flow *flow = &flows[flow_count++];
  flow->direction = direction;
  flow->outer = outer;
  flow->protocol = packet[9];
  flow->spi = spi;
  return flow;
}

static bool is_before(const struct frame *a, const struct frame *b) {
  return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static void push(struct frame *frame) {
  if (waiting == room) {
    room = room ? 2 * room : 1024;
    queue = realloc(queue, room * sizeof *queue);
    if (!queue) die("realloc");
  }
  size_t at = waiting++;
  for (; at > 0 && is_before(frame, queue[(at - 1) / 2]); at = (at - 1) / 2)
    queue[at] = queue[(at - 1) / 2];
  queue[at] = frame;
}

static struct frame *pop(void) {
  struct frame *first = queue[0], *last = queue[--waiting];
  size_t at = 0;
  for (;;) {
    size_t child = 2 * at + 1;
    if (child >= waiting) break;
    if (child + 1 < waiting && is_before(queue[child + 1], queue[child])) child++;
    if (!is_before(queue[child], last)) break;
    queue[at] = queue[child];
    at = child;
  }
  queue[at] = last;
  return first;
}

static void put(const uint8_t *octets, size_t length, int to, struct flow *flow, uint64_t number,
                uint64_t due) {
  static uint64_t order;
  struct frame *frame = malloc(sizeof *frame + length);
  if (!frame) die("malloc");
  *frame = (struct frame){
      .due = due, .order = order++, .number = number, .flow = flow, .to = to, .length = length};
  memcpy(frame->octets, octets, length);
  push(frame);
}

static void take(const uint8_t *octets, size_t length, int from) {
  struct flow *flow = flow_of(octets, length, from);
  uint64_t time = now();
  if (!flow) {
    put(octets, length, !from, NULL, 0, time);
    return;
  }
  flow->arrived++;
  /* Always the same draws, so that the n-th packet's fate does not depend on the others'. */
  bool is_lost = happens(from, lose);
  bool is_copied = happens(from, copy);
  bool is_late = happens(from, overtake);
  if (is_lost) {
    flow->lost++;
    return;
  }
  if (delay > 0) flow->delayed++;
  put(octets, length, !from, flow, flow->arrived, time + delay + (is_late ? late : 0));
  if (!is_copied) return;
  flow->copied++;
  put(octets, length, !from, flow, 0, time + delay + late);
}

static void send_due(const int taps[2]) {
  while (waiting > 0 && queue[0]->due <= now()) {
    struct frame *frame = pop();
    struct flow *flow = frame->flow;
    if (write(taps[frame->to], frame->octets, frame->length) != (ssize_t)frame->length) {
      unsent++;
    } else if (flow) {
      flow->sent++;
      if (frame->number > flow->newest) flow->newest = frame->number;
      else if (frame->number != 0) flow->overtaken++;
    }
    free(frame);
  }
}

static void report(void) {
  printf("{\"waiting\":%zu,\"unsent\":%" PRIu64 ",\"flows\":[", waiting, unsent);
  for (int i = 0; i < flow_count; i++) {
    const struct flow *flow = &flows[i];
    struct in_addr outer = {htonl(flow->outer)};
    printf("%s{\"direction\":%d,\"outer\":\"%s\",\"protocol\":%u,\"spi\":%" PRIu32
           ",\"arrived\":%" PRIu64 ",\"lost\":%" PRIu64 ",\"copied\":%" PRIu64
           ",\"delayed\":%" PRIu64 ",\"overtaken\":%" PRIu64 ",\"sent\":%" PRIu64 "}",
           i ? "," : "", flow->direction, inet_ntoa(outer), flow->protocol, flow->spi,
           flow->arrived, flow->lost, flow->copied, flow->delayed, flow->overtaken, flow->sent);
  }
  printf("]}\n");
  fflush(stdout);
}

/* Obeys one line; whoever drives the relay sends one and waits for its answer. */
static void obey(void) {
  char line[128];
  if (!fgets(line, sizeof line, stdin)) exit(0);
  if (sscanf(line, "set %u %u %u %" SCNu64 " %" SCNu64, &lose, &copy, &overtake, &delay, &late)
      == 5) {
    delay *= 1000;
    late *= 1000;
    printf("{}\n");
    fflush(stdout);
  } else {
    report();
  }
}

static int open_tap(const char *name) {
  struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
  int tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (tap < 0) die("/dev/net/tun");
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (ioctl(tap, TUNSETIFF, &request) != 0) die(name);
  return tap;
}

int main(int count, char **arguments) {
  if (count != 4) {
    fprintf(stderr, "usage: relay SEED FIRST SECOND\n");
    return 2;
  }
  random_state[0] = strtoull(arguments[1], NULL, 0);
  random_state[1] = ~random_state[0];
  int taps[2] = {open_tap(arguments[2]), open_tap(arguments[3])};
  static uint8_t octets[FRAME];
  for (;;) {
    struct pollfd wanted[3] = {
        {.fd = taps[0], .events = POLLIN}, {.fd = taps[1], .events = POLLIN},
        {.fd = STDIN_FILENO, .events = POLLIN}};
    struct timespec pause = {0, 0};
    uint64_t time = now();
    if (waiting > 0 && queue[0]->due > time) {
      pause.tv_sec = (time_t)((queue[0]->due - time) / 1000000000);
      pause.tv_nsec = (long)((queue[0]->due - time) % 1000000000);
    }
    if (ppoll(wanted, 3, waiting > 0 ? &pause : NULL, NULL) < 0 && errno != EINTR) die("poll");
    for (int from = 0; from < 2; from++) {
      /* A few at a time, so that neither side nor what is due waits for the other. */
      for (int turn = 0; turn < 32; turn++) {
        ssize_t length = read(taps[from], octets, sizeof octets);
        if (length <= 0) break;
        take(octets, (size_t)length, from);
      }
    }
    send_due(taps);
    if (wanted[2].revents) obey();
  }
}
