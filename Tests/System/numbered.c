/* Numbered packets: sent from many addresses at a steady rate, and seen where a host gets them.
 *
 *   numbered send FIRST COUNT DESTINATION SPI RATE
 *   numbered receive FIRST COUNT
 *
 * `send` sends ESP packets (RFC 4303) from COUNT addresses, the first of which is FIRST, to one
 * address and SPI, RATE a second. Each carries when it was sent (CLOCK_MONOTONIC, nanoseconds), read
 * before it is sent. They come from each address in turn; once a line `at N` was read from standard
 * input, every second one comes from one of the addresses N-5 to N+4 instead. `receive` counts those
 * that arrive as IP in IP (RFC 2003) at the namespace's own addresses.
 *
 * A line `report` is answered with a line of JSON: for each address how many packets there were, and
 * when the newest of them was sent. After a line `rest` nothing more is sent. Both end with their
 * standard input.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { IPV4 = 20, IPIP_PROTOCOL = 4, ESP_PROTOCOL = 50, BEFORE = 5, NEAR = 10 };
enum { BATCH_NANOSECONDS = 1000000, MOST_AT_ONCE = 200, ROOM = 64 << 20 };

static const uint8_t marker[8] = "numbered";

struct packet {
  uint8_t header[12];
  uint32_t source, destination, spi, sequence;
  uint8_t marker[8];
  uint64_t sent;
  uint8_t rest[40];
} __attribute__((packed));

struct flow {
  uint64_t count, newest;
};

static struct flow *flows;
static uint32_t first, flow_count;
static bool rests;

static void die(const char *what) {
  perror(what);
  exit(1);
}

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static void report(void) {
  printf("{\"counts\":[");
  for (uint32_t i = 0; i < flow_count; i++) printf("%s%" PRIu64, i ? "," : "", flows[i].count);
  printf("],\"newest\":[");
  for (uint32_t i = 0; i < flow_count; i++) printf("%s%" PRIu64, i ? "," : "", flows[i].newest);
  printf("]}\n");
  fflush(stdout);
}

/* Does what standard input says, `at` aside; whether it goes on. */
static bool obey(uint32_t *at) {
  static char text[4096];
  static size_t length;
  ssize_t count = read(STDIN_FILENO, text + length, sizeof text - length - 1);
  if (count < 0) return errno == EAGAIN;
  if (count == 0) return false;
  text[length += (size_t)count] = 0;
  char *line = text;
  for (char *end; (end = strchr(line, '\n')); line = end + 1) {
    *end = 0;
    if (!strncmp(line, "at ", 3)) *at = (uint32_t)strtoul(line + 3, NULL, 10);
    if (!strcmp(line, "report")) report();
    if (!strcmp(line, "rest")) rests = true;
  }
  memmove(text, line, length -= (size_t)(line - text));
  return true;
}

/* The address whose turn it is. */
static uint32_t next_flow(uint64_t number, uint32_t at) {
  if (at == UINT32_MAX) return (uint32_t)(number % flow_count);
  if (number % 2) return (uint32_t)(number / 2 % flow_count);
  return (at + flow_count - BEFORE + (uint32_t)(number / 2 % NEAR)) % flow_count;
}

static void send_all(const char *destination, uint32_t spi, uint64_t rate) {
  int raw = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
  if (raw < 0) die("socket");
  struct sockaddr_in to = {.sin_family = AF_INET};
  if (inet_pton(AF_INET, destination, &to.sin_addr) != 1) die(destination);
  struct packet packet = {.header = {0x45, 0, 0, sizeof packet, 0, 0, 0, 0, 64, ESP_PROTOCOL},
                          .destination = to.sin_addr.s_addr, .spi = htonl(spi)};
  memcpy(packet.marker, marker, sizeof marker);
  fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
  uint32_t at = UINT32_MAX;
  uint64_t began = now(), number = 0;
  while (obey(&at)) {
    uint64_t owed = (now() - began) * rate / 1000000000 - number;
    if (owed > MOST_AT_ONCE) {
      /* What was missed while others had the processor is not made up for. */
      began = now() - (number + MOST_AT_ONCE) * 1000000000 / rate;
      owed = MOST_AT_ONCE;
    }
    for (; owed && !rests; owed--, number++) {
      uint32_t i = next_flow(number, at);
      packet.source = htonl(first + i);
      packet.sequence = htonl((uint32_t)++flows[i].count);
      flows[i].newest = packet.sent = now();
      while (sendto(raw, &packet, sizeof packet, 0, (struct sockaddr *)&to, sizeof to) < 0)
        if (errno != ENOBUFS && errno != EINTR) die("sendto");
    }
    nanosleep(&(struct timespec){.tv_nsec = BATCH_NANOSECONDS}, NULL);
  }
}

static void take(const uint8_t *octets, size_t length) {
  struct packet packet;
  if (length < 2 * IPV4 + sizeof packet - IPV4) return;
  memcpy(&packet, octets + IPV4, sizeof packet);
  if (packet.header[9] != ESP_PROTOCOL || memcmp(packet.marker, marker, sizeof marker)) return;
  uint32_t i = ntohl(packet.source) - first;
  if (i >= flow_count) return;
  flows[i].count++;
  if (packet.sent > flows[i].newest) flows[i].newest = packet.sent;
}

static void receive_all(void) {
  int raw = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPIP_PROTOCOL), room = ROOM;
  if (raw < 0) die("socket");
  if (setsockopt(raw, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room)) die("SO_RCVBUFFORCE");
  printf("{}\n");
  fflush(stdout);
  struct pollfd watched[] = {{.fd = raw, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
  while (poll(watched, 2, -1) >= 0) {
    uint8_t octets[2048];
    for (ssize_t length; (length = recv(raw, octets, sizeof octets, 0)) >= 0;)
      take(octets, (size_t)length);
    if (watched[1].revents && !obey(&(uint32_t){0})) return;
  }
}

int main(int count, char **words) {
  bool sends = count == 7 && !strcmp(words[1], "send");
  if (!sends && !(count == 4 && !strcmp(words[1], "receive"))) return 2;
  struct in_addr address;
  if (inet_pton(AF_INET, words[2], &address) != 1) return 2;
  first = ntohl(address.s_addr);
  flow_count = (uint32_t)strtoul(words[3], NULL, 10);
  flows = calloc(flow_count, sizeof *flows);
  if (!flows || !flow_count) return 2;
  if (sends) {
    send_all(words[4], (uint32_t)strtoul(words[5], NULL, 0), strtoull(words[6], NULL, 10));
  } else {
    receive_all();
  }
  return 0;
}
