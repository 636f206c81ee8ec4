/* Packets that are nearly right. Most are made as an honest peer or host would make them in the
   present state of the table, then spoilt in one or two places; the rest come in sequences: IKE
   conversations, fragments in any order, ICMP errors that quote what was sent before. */
#include "generate.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define MILLISECOND 1000000ull
enum { HEADER = 20, MOST_HOSTS = 7, PEERS = 16, RECENT = 64, RECENT_OCTETS = 2048, QUEUE = 64,
       PACKET_ROOM = 65536 + 512, IKE_SPIS = 10, CHANGES = 16384 };

struct person { uint16_t index, slot, first_port, port_count; uint32_t inside; bool suspended; };
struct row { uint32_t id, address, spi_in; uint8_t protocol; unsigned person; };
struct ban { uint32_t address, length; uint16_t host; };
struct packet { uint32_t length; uint8_t *octets; };

enum focus { ALL, ECHO, NOTICES, UNSOLICITED, FRAGMENTS, STRANGERS, LEARNING, QUOTES, LARGE_TABLE };
static const char *const focus_names[] = {
  "all", "echo", "notices", "unsolicited IKE", "fragments", "strangers' fragments", "learning",
  "quotes", "large table"};

static struct {
  struct configuration c;
  enum focus focus;
  uint64_t random, now, swept, packets;
  struct person person[MOST_HOSTS];
  unsigned persons;
  uint32_t peer[PEERS];
  uint64_t since[PEERS]; /* when the peer came */
  uint64_t ike_spi[IKE_SPIS];
  struct row *rows;
  unsigned row_count, row_room, row_goal;
  uint32_t next_row, next_spi;
  struct ban bans[64];
  unsigned ban_count;
  struct { uint32_t spi; uint16_t host; } claims[8]; /* host 0: nobody's */
  struct change changes[CHANGES];
  unsigned first_change, change_count;
  struct packet recent_out[RECENT], recent_in[RECENT]; /* the inner packets */
  unsigned next_out, next_in;
  struct packet queue[QUEUE]; /* fragments to be sent soon */
  unsigned queued, pieces, repeats, length; /* how often the last packet is still to be repeated */
} w;

static uint8_t packet_room[PACKET_ROOM], quoted_room[PACKET_ROOM];

/* Part: chance (SplitMix64) */

static uint64_t next64(void) {
  uint64_t x = w.random += 0x9e3779b97f4a7c15;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}
static unsigned below(unsigned bound) { return (next64() >> 32) % bound; }
static bool one_in(unsigned n) { return below(n) == 0; }
static bool percent(unsigned n) { return below(100) < n; }
static unsigned least(unsigned x, unsigned y) { return x < y ? x : y; }
#define ANY_OF(...) \
  (((const uint32_t[]){__VA_ARGS__})[below(COUNT(((const uint32_t[]){__VA_ARGS__})))])

static unsigned get16(const uint8_t *at) { return at[0] << 8 | at[1]; }
static uint32_t get32(const uint8_t *at) { return (uint32_t)get16(at) << 16 | get16(at + 2); }
static void set16(uint8_t *at, unsigned value) { at[0] = value >> 8; at[1] = value; }
static void set32(uint8_t *at, uint32_t value) { set16(at, value >> 16); set16(at + 2, value); }
static void set64(uint8_t *at, uint64_t value) { set32(at, value >> 32); set32(at + 4, value); }

static void fill(uint8_t *at, unsigned length) {
  if (one_in(12)) { memset(at, one_in(2) ? 0 : 0xff, length); return; }
  uint64_t x = next64();
  for (unsigned i = 0; i < length; i += 8, x = x * 6364136223846793005u + 1442695040888963407u)
    memcpy(at + i, &x, least(8, length - i));
}

/* Part: checksums */

static unsigned sum(const uint8_t *at, unsigned length) {
  uint64_t total = 0;
  for (unsigned i = 0; i + 1 < length; i += 2) total += get16(at + i);
  if (length & 1) total += at[length - 1] << 8;
  while (total >> 16) total = (total & 0xffff) + (total >> 16);
  return total;
}
static void seal(uint8_t *at, unsigned length, unsigned offset) {
  set16(at + offset, 0);
  set16(at + offset, ~sum(at, length));
}
static void seal_ip(uint8_t *at, unsigned length) {
  unsigned header = (at[0] & 15) * 4;
  if (length >= HEADER && header >= HEADER && header <= length) seal(at, header, 10);
}
static void seal_icmp(uint8_t *at, unsigned length) {
  unsigned header = (at[0] & 15) * 4, total = least(get16(at + 2), length);
  if (length < HEADER || at[9] != 1 || header < HEADER || total < header + 4) return;
  seal(at + header, total - header, 2);
}

/* Part: whom and what to name */

static struct person *some_person(void) { return &w.person[below(w.persons)]; }
static uint32_t next_peer(void) {
  return 0x01000002 + (next64() >> 32) % 0x7d000000;
}
static uint32_t some_peer(void) {
  if (percent(94)) return w.peer[below(PEERS)];
  return w.peer[below(PEERS)] ^ (1u << below(32));
}
static uint32_t strange_address(void) {
  return ANY_OF(
    0, 1, 0x00ffffff, 0x01000000, 0x7effffff, 0x7f000000, 0x7f000001, 0x7fffffff, 0x80000000,
    0xdfffffff, 0xe0000000, 0xe0000001, 0xefffffff, 0xf0000000, 0xffffffff, w.c.external,
    0xa9fe0000, 0xa9feffff, 0xa9fdffff, 0xa9ff0000, 0x64400001, 0xac1fffff, 0xac200000, 0xc0000001,
    0xc0a80101, 0xc6120001, 0xeffffffe, 0xfffffffe, w.c.external + 1, w.c.external - 1,
    w.c.endpoint, w.c.endpoint + 1, w.c.inside[0].address,
    w.c.inside[0].address - 1, some_person()->inside, some_person()->inside + 1,
    w.c.inside[0].address | ~(0xffffffffu << (32 - w.c.inside[0].length)),
    w.peer[below(PEERS)], w.peer[below(PEERS)] + 1, (uint32_t)next64());
}
static uint32_t some_spi(const struct person *p) {
  uint32_t first = (uint32_t)p->slot << 16;
  switch (below(12)) {
  case 0: return ANY_OF(0, 1, 254, 255, 256, 257, 0xffff, 0x10000, 0xffffffff);
  case 1: return first - 1;
  case 2: return first + 0x10000;
  case 3: return next64();
  case 4: return w.claims[below(COUNT(w.claims))].spi;
  case 5: return first;
  case 6: return first | 0xffff;
  default: return first | ANY_OF(1, 2, 255, 256, below(65536), below(8));
  }
}
static unsigned some_port(const struct person *p) {
  if (p->port_count == 0 || percent(15))
    return ANY_OF(0, 1, 499, 500, 501, 1023, 1024, 4499, 4500, 4501, 65535, below(65536));
  if (percent(85)) return p->first_port + below(p->port_count);
  return ANY_OF(p->first_port, p->first_port + p->port_count - 1, p->first_port - 1,
                p->first_port + p->port_count) & 0xffff;
}
static unsigned some_size(void) {
  unsigned kind = below(100);
  if (kind < 62) return below(49);
  if (kind < 82) return below(200);
  if (kind < 95) return w.c.mtu > 3000 ? below(600) : w.c.mtu - 68 + below(74);
  if (kind < 99) return below(1500);
  return w.c.mtu > 3000 || one_in(8) ? w.c.mtu - 60 + below(64) : below(9000);
}
/* A row of the table, NULL if there is none. */
static struct row *some_row(void) { return w.row_count ? &w.rows[below(w.row_count)] : NULL; }

/* Part: what a packet carries. Each writes at `at` and returns the length. `out`: from the host. */

static unsigned write_esp(uint8_t *at, uint32_t spi, unsigned size) {
  set32(at, spi);
  set32(at + 4, ANY_OF(0, 1, 0xffffffff, below(1000)));
  fill(at + 8, size);
  return least(8 + size, 65535 - 60);
}
static unsigned write_ah(uint8_t *at, uint32_t spi, unsigned size) {
  unsigned icv = ANY_OF(12, 16, 12, 12, 0, 24);
  at[0] = ANY_OF(6, 17, 50, 4);
  at[1] = (12 + icv) / 4 - 2;
  set16(at + 2, one_in(10) ? 1 : 0);
  set32(at + 4, spi);
  set32(at + 8, below(1000));
  fill(at + 12, icv + size);
  return 12 + icv + size;
}
static uint64_t some_ike_spi(const struct person *p) {
  unsigned kind = below(20);
  if (kind < 9) return (uint64_t)p->slot << 48 | (next64() >> (16 + below(40)));
  if (kind < 16) return w.ike_spi[below(IKE_SPIS)];
  if (kind < 18) return 0;
  return next64();
}
static unsigned write_ike(uint8_t *at, const struct person *p, bool out, unsigned size) {
  uint64_t own = some_ike_spi(p);
  uint64_t other = percent(25) ? 0 : percent(60) ? w.ike_spi[below(IKE_SPIS)] : next64();
  bool is_initiator = percent(50); /* the inside host */
  set64(at, is_initiator ? own : other ? other : next64());
  set64(at + 8, is_initiator ? other : own);
  at[16] = below(60);
  at[17] = percent(78) ? 0x20 : ANY_OF(0x10, 0x10, 0x10, 0x21, 0x11, 0x30, 0x00, 0xff);
  at[18] = ANY_OF(34, 35, 36, 37, 2, 4);
  at[19] = (is_initiator == out ? 0x08 : 0) | ANY_OF(0, 0x20) | (one_in(20) ? 0x10 : 0);
  if (one_in(20)) at[19] ^= 0x08;
  set32(at + 20, below(5));
  set32(at + 24, 28 + size);
  fill(at + 28, size);
  return 28 + size;
}
static unsigned write_udp(
  uint8_t *at, unsigned source, unsigned destination, unsigned size) {
  set16(at, source);
  set16(at + 2, destination);
  set16(at + 4, 8 + size);
  set16(at + 6, one_in(3) ? 0 : below(65536));
  return 8 + size;
}
static unsigned write_on_ike_port(uint8_t *at, const struct person *p, bool out, uint32_t spi) {
  bool is_nat = percent(60);
  unsigned own = is_nat ? 4500 : 500, other = percent(70) ? own : some_port(p), size = 0;
  uint8_t *data = at + 8;
  unsigned kind = below(20);
  if (!is_nat || kind < 8) {
    if (is_nat) { set32(data, 0); size = 4; }
    size += write_ike(data + size, p, out, below(60));
  } else if (kind < 16) size = write_esp(data, spi, some_size());
  else if (kind < 18) { data[0] = one_in(6) ? below(256) : 0xff; size = 1; }
  else { size = below(40); fill(data, size); if (one_in(2)) set32(data, 0); }
  return out ? write_udp(at, own, other, size) : write_udp(at, other, own, size);
}
static unsigned write_tcp(uint8_t *at, unsigned source, unsigned destination, unsigned size) {
  unsigned header = percent(80) ? 20 : 4 * below(16);
  fill(at, 60 + size);
  set16(at, source);
  set16(at + 2, destination);
  at[12] = header / 4 << 4;
  return (header < 20 ? 20 : header) + size;
}
static unsigned write_query(uint8_t *at, unsigned type, unsigned identifier, unsigned size) {
  at[0] = type;
  at[1] = one_in(20) ? below(256) : 0;
  set16(at + 4, identifier);
  set16(at + 6, one_in(3) ? 0 : below(65536));
  fill(at + 8, size);
  if (one_in(60)) memset(at + 4, 0, size + 4); /* nothing but zeros: what is its checksum? */
  seal(at, 8 + size, 2);
  return 8 + size;
}

static unsigned write_packet(uint8_t *at, bool out, unsigned depth);

/* An error about something that was sent the other way, or might have been. */
static unsigned write_error(uint8_t *at, bool out, unsigned depth, uint32_t *peer) {
  struct packet *recent = out ? w.recent_in : w.recent_out;
  struct packet *old = &recent[below(RECENT)];
  uint8_t *quoted = at + 8;
  unsigned length;
  if (old->length && percent(70)) {
    length = least(old->length, RECENT_OCTETS);
    memcpy(quoted, old->octets, length);
  } else {
    length = write_packet(quoted_room, !out, depth + 1);
    length = least(length, 1200);
    memcpy(quoted, quoted_room, length);
  }
  if (length >= HEADER) {
    if (percent(80) && quoted[8]) quoted[8]--;
    if (one_in(12)) quoted[below(HEADER)] ^= 1 << below(8);
    if (one_in(12) && length > 28) quoted[HEADER + below(8)] ^= 1 << below(8);
    if (percent(93)) seal_ip(quoted, length);
    *peer = get32(quoted + (out ? 12 : 16));
  }
  switch (below(8)) {
  case 0: length = least(length, 28); break;
  case 1: length = least(length, 48); break;
  case 2: length = least(length, below(80)); break;
  case 3: length = least(length, 28 + below(50)); break;
  default: length = least(length, 548); break;
  }
  at[0] = percent(90) ? ANY_OF(3, 3, 11, 12) : ANY_OF(4, 5, 1, 2, 9, 10, 17, 40, 253);
  at[1] = at[0] == 3 ? ANY_OF(0, 1, 3, 4, 4, 4, 13) : below(3);
  set32(at + 4, at[0] == 3 ? ANY_OF(0, 68, 576, 1400, 1500, 65535) : 0);
  seal(at, 8 + length, 2);
  return 8 + length;
}

static void write_ip(
  uint8_t *at, unsigned size, unsigned protocol, uint32_t source, uint32_t destination) {
  at[0] = 0x45;
  at[1] = percent(50) ? 0 : below(256);
  set16(at + 2, HEADER + size);
  set16(at + 4, below(65536));
  set16(at + 6, one_in(2) ? 0x4000 : 0);
  at[8] = percent(95) ? 64 : ANY_OF(0, 1, 2, 255);
  at[9] = protocol;
  set32(at + 12, source);
  set32(at + 16, destination);
  seal(at, HEADER, 10);
}

/* A whole packet without a tunnel. `depth` > 0: to be quoted, so it quotes nothing itself. */
static unsigned write_packet(uint8_t *at, bool out, unsigned depth) {
  struct person *p = some_person();
  uint32_t peer = some_peer(), spi = some_spi(p);
  uint8_t protocol = 50, *data = at + HEADER;
  unsigned size, kind = below(100);
  struct row *row = some_row();
  if (row && percent(75)) {
    p = &w.person[row->person];
    peer = row->address;
    spi = row->spi_in ? row->spi_in : (uint32_t)p->slot << 16 | below(65536);
    if (row->protocol) protocol = row->protocol;
    else if (percent(40)) protocol = 51;
    if (out && percent(50)) spi = (p->index + 1u) << 12 | below(8); /* as rows declare it */
  } else if (percent(40)) protocol = 51;
  if (w.focus == ECHO && !out && percent(80)) kind = 77;
  if (w.focus == UNSOLICITED && !out && percent(80)) kind = 40;
  if (w.focus == LEARNING && percent(70)) kind = 40;
  if (w.focus == QUOTES && percent(60)) kind = 90;
  if (kind < 38) {
    unsigned wanted = protocol == 51 ? 51 : 50;
    size = wanted == 50 ? write_esp(data, spi, some_size()) : write_ah(data, spi, some_size());
    protocol = wanted;
  } else if (kind < 58) {
    size = write_on_ike_port(data, p, out, spi);
    if (kind == 40 && (w.focus == UNSOLICITED || w.focus == LEARNING)) {
      size = 8 + write_ike(data + 8, p, out, below(20));
      if (w.focus == UNSOLICITED) memset(data + 16, 0, 8), peer = w.peer[below(3)];
      else set64(data + 8, next64() >> 48 ? next64() : 1), data[8 + 19] |= 8;
      write_udp(data, 500, 500, size - 8);
    }
    protocol = 17;
  } else if (kind < 75) {
    unsigned own = some_port(p), other = below(65536);
    protocol = one_in(2) ? 6 : 17;
    if (protocol == 6)
      size = write_tcp(data, out ? own : other, out ? other : own, some_size());
    else {
      size = some_size();
      fill(data + 8, size);
      size = out ? write_udp(data, own, other, size) : write_udp(data, other, own, size);
    }
  } else if (kind < 88 || (kind < 97 && depth)) {
    unsigned type = out ? ANY_OF(8, 8, 13, 0, 14, 17) : ANY_OF(8, 8, 0, 0, 14, 13);
    if (w.focus == ECHO && !out) type = 8;
    size = write_query(data, type, some_port(p), some_size());
    protocol = 1;
  } else if (kind < 97) {
    size = write_error(data, out, depth, &peer);
    if (one_in(10)) peer = some_peer();
    protocol = 1;
  } else {
    size = below(60);
    fill(data, size);
    protocol = ANY_OF(0, 2, 4, 41, 47, 89, 132, 255, below(256));
  }
  size = least(size, 65535 - HEADER);
  if (w.c.hairpin && out && one_in(8)) peer = w.c.external;
  write_ip(at, size, protocol, out ? w.c.external : peer, out ? peer : w.c.external);
  if (w.focus == NOTICES && percent(80)) { at[8] = below(2); seal_ip(at, HEADER); }
  return HEADER + size;
}

/* Puts the tunnel's header before `length` octets at `at + HEADER`. */
static unsigned write_tunnel(uint8_t *at, unsigned length) {
  length = least(length, 65535 - HEADER);
  write_ip(at, length, 4, some_person()->inside, w.c.endpoint);
  if (percent(60)) { at[1] = at[HEADER + 1]; seal_ip(at, HEADER); }
  return HEADER + length;
}

/* An error about what the router sent to a host. */
static unsigned write_tunnel_error(uint8_t *at) {
  uint8_t *icmp = at + HEADER, *outer = icmp + 8;
  unsigned length = least(write_packet(quoted_room, false, 1), 1200);
  memcpy(outer + HEADER, quoted_room, length);
  write_ip(outer, length, 4, w.c.endpoint, some_person()->inside);
  if (one_in(8)) outer[below(HEADER + 28)] ^= 1 << below(8);
  if (percent(90)) seal_ip(outer, HEADER), seal_ip(outer + HEADER, length);
  length = least(HEADER + length, ANY_OF(28, 48, 56, 60, 548, below(100)));
  icmp[0] = ANY_OF(3, 3, 3, 11, 12, 8);
  icmp[1] = icmp[0] == 3 ? ANY_OF(0, 1, 2, 3, 4, 4, 4, 5) : below(2);
  set32(icmp + 4, ANY_OF(0, 87, 88, 89, 576, 1400, 1500, 65535));
  seal(icmp, 8 + length, 2);
  write_ip(at, 8 + length, 1, some_peer(), w.c.endpoint);
  return HEADER + 8 + length;
}

/* Part: spoiling */

/* Chooses the identification so that the header's checksum becomes `target`. */
static void aim_checksum(uint8_t *at, unsigned target) {
  set16(at + 4, 0);
  set16(at + 10, 0);
  unsigned have = sum(at, HEADER), wanted = ~target & 0xffff;
  set16(at + 4, wanted >= have ? wanted - have : wanted - have - 1);
  set16(at + 10, target);
}
static unsigned add_options(uint8_t *at, unsigned length) {
  unsigned size = 4 * (1 + below(10));
  if ((at[0] & 15) != 5 || length + size > 65535) return length;
  memmove(at + HEADER + size, at + HEADER, length - HEADER);
  memset(at + HEADER, 1, size);
  at[HEADER] = ANY_OF(1, 0, 7, 68, 131, 137, 148, 0x94);
  at[HEADER + 1] = size;
  at[0] += size / 4;
  set16(at + 2, get16(at + 2) + size);
  return length + size;
}

/* Spoils one thing of the packet at `at`, which has at least a header's octets of room. */
static unsigned mutate(uint8_t *at, unsigned length) {
  uint8_t *data = at + HEADER;
  const struct person *p = some_person();
  if (length < HEADER + 8) return length;
  switch (below(26)) {
  case 0: case 1: at[below(least(length, 72))] ^= 1 << below(8); break;
  case 2: at[below(least(length, 72))] = ANY_OF(0, 1, 0x7f, 0x80, 0xfe, 0xff); break;
  case 3: return 1 + below(length);
  case 4: length = HEADER + below(length - HEADER + 1); set16(at + 2, length); break;
  case 5: set16(at + 2, get16(at + 2) + ANY_OF(1, -1, 4, -4, 8, -8)); break;
  case 6: set16(at + 2, ANY_OF(0, 1, 19, 20, 21, 28, 65535, length + 1, below(65536))); break;
  case 7: {
    unsigned more = 1 + below(40);
    if (length + more > 65535) break;
    fill(at + length, more);
    return length + more;
  }
  case 8: at[8] = ANY_OF(0, 1, 2, 255); break;
  case 9: at[9] = ANY_OF(0, 1, 2, 4, 6, 17, 41, 47, 50, 51, 52, 255, below(256)); break;
  case 10: set32(at + 12, strange_address()); break;
  case 11: set32(at + 16, strange_address()); break;
  case 12: set32(at + 12, some_peer()); break;
  case 13:
    set16(at + 6, ANY_OF(0x2000, 1, 0x4000, 0x8000, 0x6000, 0x1fff, 0x3fff, 2, 0xc000,
                         below(65536)));
    break;
  case 14: at[0] = (at[0] & 0xf0) | below(16); break;
  case 15: length = add_options(at, length); break;
  case 16: at[10 + below(2)] ^= 1 << below(8); return length;
  case 17: set16(data + ANY_OF(0, 2, 4), some_port(p)); break;
  case 18: set32(data + ANY_OF(0, 4, 8), some_spi(p)); break;
  case 19: at[1] = below(256); break;
  case 20: set16(data + 4, get16(data + 4) + ANY_OF(1, -1, 8, -8, 0x8000)); break;
  case 21: set16(data + 4, ANY_OF(0, 7, 8, 9, 65535, length)); break;
  case 22: at[0] = (at[0] & 15) | below(16) << 4; break;
  case 23:
    data[ANY_OF(1, 1, 12 % (length - HEADER))] = ANY_OF(0, 1, 0x40, 0x50, 0x60, 0xf0, 0xff);
    break;
  case 24: aim_checksum(at, ANY_OF(0, 0xffff, 0xfeff, 0xff00, 1, 0xfffe, 0x0100)); return length;
  case 25:
    if (length > HEADER + 36) data[8 + below(28)] = ANY_OF(0, 0xff, 0x10, 0x20, below(256));
    break;
  }
  return length;
}

/* Spoils a packet, in its tunnel if `out`, perhaps twice; checksums are mostly made right again. */
static unsigned spoil(uint8_t *at, unsigned length, bool out, unsigned chance) {
  unsigned kind = below(100), times = kind >= chance ? 0 : kind < chance / 5 ? 2 : 1;
  while (times--) {
    bool in_tunnel = out && percent(70) && length > 2 * HEADER + 8;
    if (in_tunnel) {
      unsigned inner = mutate(at + HEADER, length - HEADER);
      length = least(HEADER + inner, 65535);
      if (percent(80)) set16(at + 2, length);
    } else length = mutate(at, length);
    if (percent(88)) {
      if (in_tunnel && length > 2 * HEADER && percent(85)) {
        seal_icmp(at + HEADER, length - HEADER);
      } else if (!out && percent(85)) seal_icmp(at, length);
      if (in_tunnel && length > 2 * HEADER && get16(at + HEADER + 10) % 16)
        seal_ip(at + HEADER, length - HEADER);
      if (length >= HEADER && (in_tunnel || get16(at + 10) % 16)) seal_ip(at, length);
    }
  }
  return length;
}

/* Part: sequences */

static void remember(const uint8_t *inner, unsigned length, bool out) {
  unsigned *next = out ? &w.next_out : &w.next_in;
  struct packet *slot = &(out ? w.recent_out : w.recent_in)[*next];
  *next = (*next + 1) % RECENT;
  if (!slot->octets) slot->octets = malloc(RECENT_OCTETS);
  slot->length = least(length, RECENT_OCTETS);
  memcpy(slot->octets, inner, slot->length);
}

static void enqueue(const uint8_t *octets, unsigned length) {
  if (w.queued == QUEUE) return;
  uint8_t *copy = malloc(length);
  memcpy(copy, octets, length);
  w.queue[w.queued++] = (struct packet){length, copy};
}

/* Cuts a datagram into pieces and queues them, whole or not, in this order or another. */
static void enqueue_fragments(bool out) {
  static uint8_t whole[PACKET_ROOM], piece[PACKET_ROOM];
  unsigned length = write_packet(whole, out, 0), start = w.queued, count = 0;
  unsigned size = length - HEADER, at = 0, step = 8 * (1 + below(percent(50) ? 8 : 180));
  if (percent(60)) { /* longer, so that there is something to cut */
    unsigned more = 8 * below(100);
    if (length + more <= 9000) { fill(whole + length, more); length += more; size += more; }
  }
  uint32_t inside = some_person()->inside;
  while (at < size && count < 40) {
    unsigned n = least(step, size - at), begin = at;
    bool more = at + n < size;
    if (percent(4) && begin >= 8) begin -= 8; /* overlaps the one before */
    if (percent(2)) more = !more;
    if (percent(2) && n > 1) n--;
    uint8_t *ip = piece + HEADER;
    memcpy(ip, whole, HEADER);
    memcpy(ip + HEADER, whole + HEADER + begin, n);
    set16(ip + 2, HEADER + n);
    set16(ip + 6, (begin / 8) | (more ? 0x2000 : 0) | (one_in(8) ? 0x4000 : 0));
    if (percent(5)) ip[8] = below(3);
    if (percent(10)) ip[1] = below(256);
    seal_ip(ip, HEADER);
    unsigned total = HEADER + n;
    if (out) {
      write_ip(piece, total, 4, inside, w.c.endpoint);
      total += HEADER;
    }
    uint8_t *first = out ? piece : ip;
    total = spoil(first, total, out, 6);
    if (percent(94)) enqueue(first, total);
    if (percent(4)) enqueue(first, total);
    at += least(step, size - at);
    count++;
    if (percent(20)) step = 8 * (1 + below(60));
  }
  unsigned last = w.queued;
  if (percent(60)) for (unsigned i = start; i + 1 < last; i++) { /* another order */
    unsigned k = i + below(last - i);
    struct packet other = w.queue[i];
    w.queue[i] = w.queue[k];
    w.queue[k] = other;
  }
}

/* First and later fragments from sources without number, to one host. */
static unsigned write_stranger_fragment(uint8_t *at) {
  unsigned person = w.packets < 12000 ? below(w.persons) : w.packets / 4000 % w.persons;
  const struct person *p = &w.person[person];
  bool is_first = percent(70);
  unsigned size = 8 * (is_first ? 2 : 150 + below(30));
  fill(at + HEADER, size);
  write_udp(at + HEADER, 5000, p->first_port + below(1024), 1000);
  write_ip(at, size, 17, 0x02000000 | below(1 << 24), w.c.external);
  set16(at + 6, 0x2000 | (is_first ? 0 : 2));
  seal_ip(at, HEADER);
  return HEADER + size;
}

/* One octet group after the other of the same datagram. */
static unsigned write_next_piece(uint8_t *at) {
  const struct person *p = &w.person[0];
  unsigned piece = w.pieces++ % 200;
  write_udp(at + HEADER, 5000, p->first_port, 2000);
  write_ip(at, 8, 17, w.peer[0], w.c.external);
  set16(at + 4, w.pieces / 200);
  set16(at + 6, 0x2000 | piece);
  seal_ip(at, HEADER);
  return HEADER + 8;
}

/* One fragment of a flood: most of its datagram never comes. */
static unsigned write_flood_fragment(uint8_t *at) {
  if (one_in(6)) return write_next_piece(at);
  unsigned length = write_packet(at, false, 0);
  unsigned size = 8 * (1 + below(percent(70) ? 180 : 8)), kind = below(10);
  if (length < HEADER + size) fill(at + length, HEADER + size - length);
  length = HEADER + size;
  set16(at + 2, length);
  set16(at + 4, below(percent(50) ? 65536 : 40));
  set16(at + 6, 0x2000 | (kind < 3 ? 0 : kind < 6 ? size / 8 : below(400)));
  if (percent(60)) set32(at + 12, w.peer[below(2)]);
  seal_ip(at, length);
  return length;
}

static unsigned next_packet(uint8_t *at) {
  if (w.queued && percent(55)) {
    unsigned i = below(least(w.queued, 3));
    struct packet p = w.queue[i];
    memcpy(at, p.octets, p.length);
    free(p.octets);
    memmove(w.queue + i, w.queue + i + 1, (--w.queued - i) * sizeof *w.queue);
    return p.length;
  }
  if (w.queued < 20 && one_in(w.focus == FRAGMENTS ? 12 : 40)) enqueue_fragments(percent(40));
  if (w.focus == STRANGERS && percent(80)) return write_stranger_fragment(at);
  if (w.focus == FRAGMENTS && percent(70)) return write_flood_fragment(at);
  if (one_in(150)) return spoil(at, write_tunnel_error(at), false, 20);
  if (one_in(500)) { fill(at, 64); return 1 + below(64); }
  bool out = percent(w.focus == LEARNING ? 80 : w.focus == ALL || w.focus == QUOTES ? 45 : 15);
  if (!out) {
    unsigned length = write_packet(at, false, 0);
    remember(at, length, false);
    return spoil(at, length, false, 45);
  }
  unsigned length = write_packet(at + HEADER, true, 0);
  remember(at + HEADER, length, true);
  length = write_tunnel(at, length);
  /* A row's packets come from its host, others from anyone. */
  const struct row *row = some_row();
  if (row && percent(50)) {
    set32(at + 12, w.person[row->person].inside);
    seal_ip(at, HEADER);
  } else if (percent(70)) { /* the host that the label or port belongs to */
    for (unsigned i = 0; i < w.persons; i++) {
      unsigned port = get16(at + 2 * HEADER), slot = get16(at + 2 * HEADER + 8);
      const struct person *p = &w.person[i];
      bool owns = port >= p->first_port && port < p->first_port + p->port_count;
      if (owns || (slot && slot == p->slot)) set32(at + 12, p->inside);
    }
    seal_ip(at, HEADER);
  }
  return spoil(at, length, true, 40);
}

/* Part: the table */

static void change(struct change c) {
  if (w.first_change + w.change_count < CHANGES)
    w.changes[w.first_change + w.change_count++] = c;
}
static void set_host(const struct person *p) {
  change((struct change){.kind = SET_HOST, .host = p->index, .address = p->inside,
                         .suspended = p->suspended});
}
/* A peer for a new row. Hosts get no rows for peers of which something that was learned may have
   ended by now: whether it comes back with the row is nobody's business. Others come in their place. */
static uint32_t fresh_peer(void) {
  unsigned i = below(PEERS);
  if (w.now - w.since[i] > LEARNED_SECONDS * SECOND - 10 * SECOND) {
    w.peer[i] = next_peer();
    w.since[i] = w.now;
  }
  return w.peer[i];
}
static void add_row(void) {
  unsigned person = below(w.persons);
  const struct person *p = &w.person[person];
  struct row r = {w.next_row, fresh_peer(), 0, ANY_OF(0, 50, 51), person};
  if (w.row_goal > 1000) r.address ^= below(4096);
  if (w.next_row >= 60000) return;
  if (p->slot && percent(70))
    r.spi_in = (uint32_t)p->slot << 16 | ANY_OF(0, 0xffff, below(8), below(65536));
  if (one_in(4)) { /* on a claimed SPI, if it is the host's */
    unsigned i = below(COUNT(w.claims));
    if (w.claims[i].host == p->index) r.spi_in = w.claims[i].spi;
  }
  if (p->slot == 0 && r.spi_in == 0) return;
  for (unsigned i = 0; i < w.row_count; i++) {
    const struct row *old = &w.rows[i];
    if (old->person == person && old->address == r.address && old->protocol == r.protocol
        && old->spi_in == r.spi_in) return;
  }
  if (w.row_count == w.row_room)
    w.rows = realloc(w.rows, (w.row_room = w.row_room ? 2 * w.row_room : 64) * sizeof *w.rows);
  w.rows[w.row_count++] = r;
  w.next_row++;
  /* No two hosts declare the same SPI of a peer. */
  uint32_t out = percent(50) ? 0 : (p->index + 1u) << 12 | below(8);
  change((struct change){.kind = INSERT_ENTRY, .host = p->index, .entry = r.id,
    .address = r.address, .protocol = r.protocol, .spi_in = r.spi_in, .spi_out = out});
}
static void remove_row(unsigned i) {
  change((struct change){.kind = REMOVE_ENTRY, .entry = w.rows[i].id});
  w.rows[i] = w.rows[--w.row_count];
}
static void remove_rows_of(unsigned person) {
  for (unsigned i = 0; i < w.row_count;)
    if (w.rows[i].person == person) remove_row(i); else i++;
}
static void add_ban(void) {
  struct ban b = {w.peer[below(PEERS)], ANY_OF(32, 32, 32, 31, 30, 24, 24, 16, 8, 1, below(33)), 0};
  if (percent(60)) b.host = some_person()->index;
  b.address &= b.length ? ~0u << (32 - b.length) : 0;
  if (w.ban_count == 6) return;
  for (unsigned i = 0; i < w.ban_count; i++)
    if (w.bans[i].address == b.address && w.bans[i].length == b.length
        && w.bans[i].host == b.host) return;
  w.bans[w.ban_count++] = b;
  change((struct change){.kind = INSERT_REVOCATION, .host = b.host, .address = b.address,
                         .prefix_length = b.length});
}
static void remove_ban(unsigned i) {
  change((struct change){.kind = REMOVE_REVOCATION, .host = w.bans[i].host,
    .address = w.bans[i].address, .prefix_length = w.bans[i].length});
  w.bans[i] = w.bans[--w.ban_count];
}
static void set_slot(unsigned person, unsigned slot) {
  struct person *p = &w.person[person];
  for (unsigned i = 0; i < w.persons; i++) if (slot && w.person[i].slot == slot) return;
  for (unsigned i = 0; i < COUNT(w.claims); i++)
    if (w.claims[i].host && w.claims[i].spi >> 16 == slot) return;
  remove_rows_of(person);
  if (p->slot) change((struct change){.kind = SET_SLOT, .slot = p->slot});
  p->slot = slot;
  if (slot) change((struct change){.kind = SET_SLOT, .slot = slot, .host = p->index});
}
static void set_ports(unsigned person, unsigned first, unsigned count) {
  struct person *p = &w.person[person];
  for (unsigned i = 0; i < w.persons; i++) {
    const struct person *q = &w.person[i];
    if (i != person && q->port_count && first < q->first_port + q->port_count
        && q->first_port < first + count) return;
  }
  if (p->port_count)
    change((struct change){.kind = SET_PORTS, .first_port = p->first_port,
                           .port_count = p->port_count});
  p->first_port = first;
  p->port_count = count;
  if (count) change((struct change){.kind = SET_PORTS, .host = p->index, .first_port = first,
                                    .port_count = count});
}
static void some_ports(unsigned person) {
  unsigned count = 1024u << below(percent(85) ? 3 : 6);
  set_ports(person, below(65536 / count) * count, percent(90) ? count : 0);
}
static void drop_claim(unsigned i) {
  for (unsigned k = 0; k < w.row_count;)
    if (w.rows[k].spi_in == w.claims[i].spi) remove_row(k); else k++;
  change((struct change){.kind = SET_CLAIM, .spi_in = w.claims[i].spi});
  w.claims[i].host = 0;
}
static void set_claim(void) {
  unsigned i = below(COUNT(w.claims));
  uint32_t spi = ANY_OF(256, 257, 0x0000ffff, below(65536), (uint32_t)next64());
  if (spi < 256) return;
  for (unsigned k = 0; k < w.persons; k++) if (spi >> 16 && spi >> 16 == w.person[k].slot) return;
  for (unsigned k = 0; k < COUNT(w.claims); k++)
    if (w.claims[k].host && w.claims[k].spi == spi) return;
  if (w.claims[i].host) drop_claim(i);
  w.claims[i].spi = spi;
  w.claims[i].host = some_person()->index;
  change((struct change){.kind = SET_CLAIM, .spi_in = spi, .host = w.claims[i].host});
}
static void move_person(unsigned person) {
  struct person *p = &w.person[person];
  p->inside = w.c.inside[0].address + 1 + below(200) * MOST_HOSTS + person;
  set_host(p);
}
/* A host goes, with all that it had, and another comes; numbers are not used twice. */
static void replace_person(unsigned person) {
  struct person *p = &w.person[person];
  if (p->index == w.c.responder) return;
  set_slot(person, 0);
  set_ports(person, 0, 0);
  for (unsigned i = 0; i < w.ban_count;)
    if (w.bans[i].host == p->index) remove_ban(i); else i++;
  for (unsigned i = 0; i < COUNT(w.claims); i++)
    if (w.claims[i].host == p->index) drop_claim(i);
  change((struct change){.kind = REMOVE_HOST, .host = p->index});
  p->index += MOST_HOSTS;
  p->suspended = false;
  set_host(p);
  set_slot(person, 1 + below(65535));
  some_ports(person);
}
static void change_something(void) {
  unsigned kind = below(100), person = below(w.persons);
  if (kind < 38 || w.row_count < w.row_goal / 2) for (unsigned i = 0; i < 3; i++) add_row();
  else if (kind < 58) { if (w.row_count) remove_row(below(w.row_count)); }
  else if (kind < 68) add_ban();
  else if (kind < 80) { if (w.ban_count) remove_ban(below(w.ban_count)); }
  else if (kind < 88) {
    w.person[person].suspended = !w.person[person].suspended && percent(20);
    set_host(&w.person[person]);
  }
  else if (kind < 91) set_slot(person, percent(80) ? 1 + below(65535) : 0);
  else if (kind < 95) some_ports(person);
  else if (kind < 96) move_person(person);
  else if (kind < 97) replace_person(person);
  else set_claim();
}

/* Part: the world */

const struct configuration *generate_world(uint64_t seed) {
  struct row *rows = w.rows;
  unsigned room = w.row_room;
  for (unsigned i = 0; i < RECENT; i++) free(w.recent_in[i].octets), free(w.recent_out[i].octets);
  for (unsigned i = 0; i < w.queued; i++) free(w.queue[i].octets);
  memset(&w, 0, sizeof w);
  w.rows = rows;
  w.row_room = room;
  w.random = seed;
  w.focus = percent(70) ? ALL : 1 + below(COUNT(focus_names) - 1);
  w.now = 1000 * SECOND + next64() % SECOND;
  w.swept = w.now;
  w.row_goal = w.focus == LARGE_TABLE ? 2000 : 20 + below(60);
  w.c.external = ANY_OF(0xc6336401, 0xc6336401, 0x01000000, 0xdfffffff, 0x7effffff, 0x80000000);
  w.c.endpoint = 0x0a0000fe + below(2);
  w.c.mtu = ANY_OF(1480, 1480, 1400, 576, 68, 1280, 9000, 65515, 65535);
  w.c.hairpin = percent(30);
  w.c.inside[0] = (struct prefix){0x0a000000 + (below(4) << 12), 20};
  w.c.inside_count = 1 + below(3);
  w.c.inside[1] = (struct prefix){0xac100000, 12};
  w.c.inside[2] = (struct prefix){0xc0a80101, 32};
  w.persons = 2 + below(MOST_HOSTS - 1);
  for (unsigned i = 0; i < PEERS; i++) w.since[i] = w.now;
  for (unsigned i = 0; i < PEERS; i++)
    w.peer[i] = i == 0 ? ANY_OF(0x01000001, 0xdffffffe, 0x80000001, 0x7efffffe)
      : i % 3 == 1 ? w.peer[i - 1] ^ (1u << below(9))
      : next_peer();
  for (unsigned i = 0; i < IKE_SPIS; i++) w.ike_spi[i] = next64() | 1;
  unsigned base = one_in(4) ? 65535 - 100 * MOST_HOSTS : below(60000);
  for (unsigned i = 0; i < w.persons; i++) {
    w.person[i].index = 1 + base + i;
    w.person[i].inside = w.c.inside[0].address + 1 + i;
    set_host(&w.person[i]);
    if (percent(92)) set_slot(i, one_in(6) ? ANY_OF(1, 0xffff, 0x8000) : 1 + below(65535));
    if (percent(92)) some_ports(i);
  }
  if (percent(75)) w.c.responder = w.person[0].index;
  for (unsigned i = 0; i < w.row_goal; i++) add_row();
  return &w.c;
}

const char *generate_focus(void) { return focus_names[w.focus]; }

/* Limited things come in bursts, then at about the rate that is allowed, then slowly. */
static void pass_time(void) {
  unsigned phase = w.packets / 200 % 4;
  if (w.repeats && w.focus == QUOTES) return;
  if (w.focus == ECHO || w.focus == NOTICES)
    w.now += phase < 2 ? ANY_OF(0, 0, 1, 100000) : phase == 2
      ? ANY_OF(999999, 1000000, 1000001, 500000) : MILLISECOND * ANY_OF(1, 2, 50);
  else if (w.focus == UNSOLICITED)
    w.now += MILLISECOND * (phase < 2 ? ANY_OF(0, 1, 20) : ANY_OF(100, 250, 333, 500));
  else if (w.focus == FRAGMENTS || w.focus == STRANGERS || w.focus == LEARNING || w.focus == QUOTES)
    w.now += phase < 3 || (w.focus == STRANGERS && w.packets < 12000)
      ? below(MILLISECOND) : 10 * MILLISECOND;
  else w.now += 2 * MILLISECOND + below(MILLISECOND);
  if (!one_in(3000)) return;
  w.now += SECOND * ANY_OF(1, 1, 14, 15, 16, 30) - below(3) * MILLISECOND;
  /* A host that is at its limit finds room by and by, not at once, when what it learned ends. */
  if (w.focus != LEARNING && one_in(3)) w.now += SECOND * ANY_OF(540, 585, 598, 599, 600, 3600);
}

void generate_next(struct record *r) {
  *r = (struct record){0};
  if (w.change_count) {
    r->kind = RECORD_CHANGE;
    r->change = w.changes[w.first_change++];
    w.change_count--;
    return;
  }
  w.first_change = 0;
  if (w.now - w.swept >= SECOND) {
    w.swept = w.now;
    *r = (struct record){.kind = RECORD_SWEEP, .now = w.now};
    return;
  }
  if (w.packets++ % 40 == 0 && w.packets > 1 && percent(70)) {
    change_something();
    if (w.change_count) { generate_next(r); return; }
  }
  r->kind = RECORD_PACKET;
  if (w.repeats) w.repeats--;
  else {
    w.length = next_packet(packet_room);
    if (one_in(w.focus == QUOTES ? 40 : 400)) w.repeats = 1 + below(w.focus == QUOTES ? 150 : 3);
  }
  r->length = w.length;
  r->octets = packet_room;
  r->now = w.now;
  pass_time();
}
