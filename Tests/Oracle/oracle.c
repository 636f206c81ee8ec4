/* What the data path has to do with every packet, written for reading and not for speed: lists
   instead of hash tables, every checksum summed anew, one step after the other.
   The marks I1, O3, F2 ... are rows of README.md, which puts section 3 of the design in order. */
#include "oracle.h"

#include <stdlib.h>
#include <string.h>

#define OK (-1)
#define COUNT(array) (sizeof(array) / sizeof *(array))

enum protocol { ICMP = 1, IPIP = 4, TCP = 6, UDP = 17, ESP = 50, AH = 51 };
enum { HEADER = 20, ICMP_HEADER = 8, UDP_HEADER = 8, TCP_HEADER = 20, ESP_HEADER = 8,
       AH_HEADER = 12, IKE_HEADER = 28, IKE_QUOTED = 20, IKE_PORT = 500, NAT_PORT = 4500 };

/* Part: octets and numbers */

static unsigned get16(const uint8_t *at) { return at[0] << 8 | at[1]; }
static uint32_t get32(const uint8_t *at) { return (uint32_t)get16(at) << 16 | get16(at + 2); }
static uint64_t get64(const uint8_t *at) { return (uint64_t)get32(at) << 32 | get32(at + 4); }
static void set16(uint8_t *at, unsigned value) { at[0] = value >> 8; at[1] = value; }
static void set32(uint8_t *at, uint32_t value) { set16(at, value >> 16); set16(at + 2, value); }
static unsigned least(unsigned a, unsigned b) { return a < b ? a : b; }

/* The ones' complement sum (RFC 1071), folded. A checksum is right if the sum over it is 0xffff. */
static unsigned sum(const uint8_t *at, unsigned length) {
  uint64_t total = 0;
  for (unsigned i = 0; i + 1 < length; i += 2) total += get16(at + i);
  if (length & 1) total += at[length - 1] << 8;
  while (total >> 16) total = (total & 0xffff) + (total >> 16);
  return total;
}
static bool is_sound(const uint8_t *at, unsigned length) { return sum(at, length) == 0xffff; }
static void seal(uint8_t *at, unsigned length, unsigned offset) {
  set16(at + offset, 0);
  set16(at + offset, ~sum(at, length));
}

/* Part: the state */

struct owner { /* who gets a packet from outside */
  enum { TO_HOST, TO_ASSOCIATION, TO_RESPONDER, TO_ERROR, TO_ROUTER, TO_NOBODY } kind;
  uint16_t host;
  uint32_t spi;        /* TO_ASSOCIATION */
  uint8_t protocol;
  uint32_t peer;       /* TO_ERROR: where the quoted packet went */
};
struct host { bool is_known, is_suspended; uint32_t inside; };
struct row { uint32_t id, address, spi_in, spi_out; uint16_t host; uint8_t protocol; };
struct revocation { uint32_t address, length; uint16_t host; };
struct claim { uint32_t spi; uint16_t host; };
struct learned { uint32_t peer; uint64_t spi; uint8_t protocol; uint16_t host; uint64_t last; };
struct limiter { uint32_t key; uint64_t full; };
struct ruling { int reason /* OK: they may follow */; uint16_t host; bool is_to_host; struct owner to; };
struct waiting { uint32_t number, length; uint8_t *octets; struct ruling ruling; };
#define LIST(type) struct { type *at; unsigned count, room; }
#define ADD(list, ...) do { \
  if ((list).count == (list).room) { \
    (list).room = (list).room ? 2 * (list).room : 64; \
    (list).at = realloc((list).at, (list).room * sizeof *(list).at); } \
  (list).at[(list).count++] = (__VA_ARGS__); } while (0)
#define REMOVE(list, index) do { \
  memmove((list).at + (index), (list).at + (index) + 1, \
          ((list).count - (index) - 1) * sizeof *(list).at); \
  (list).count--; } while (0)

struct limiter_list { struct limiter *at; unsigned count, room; };
struct datagram { /* of which fragments came */
  uint32_t peer; uint16_t from, id; uint8_t protocol;
  enum { UNDECIDED, REFUSED, ACCEPTED, WHOLE } state;
  struct ruling ruling;
  unsigned payer, recipient; /* accounts; the recipient's is 0 if there is none */
  uint64_t expires;
  unsigned end /* 0 = not known yet */, seen_end, seen;
  bool unit[UNITS];
  LIST(struct waiting) waiting;
};
struct account { unsigned datagrams, chunks; };
struct way { /* what is known of one direction's fragments */
  LIST(struct datagram *) datagrams; /* by age; those that are whole by when they became so */
  struct account account[SOURCE_ACCOUNTS + 65536];
  unsigned refused, chunks;
};

static struct {
  struct configuration c;
  struct host host[65536];
  uint16_t slot[65536], block[64];
  LIST(uint16_t) known; /* hosts */
  LIST(struct row) rows;
  LIST(struct revocation) revocations;
  LIST(struct claim) claims;
  LIST(struct learned) ike;
  LIST(struct learned) spis;
  struct limiter_list beginners, errors_in, errors_out;
  struct way way[2];
  LIST(struct waiting) released; /* their wait is over */
  uint64_t answers, errors, now;
} o;

static struct answer a;
static unsigned result_room, output_room, octet_room;

static uint64_t longer_of(uint64_t x, uint64_t y) { return x > y ? x : y; }

/* A bucket of `burst` tokens, full at first, that gains `rate` a second; `full` is when it will be
   full again. */
static bool admit(uint64_t *full, unsigned rate, unsigned burst) {
  uint64_t step = SECOND / rate, from = longer_of(*full, o.now);
  if (from - o.now > (burst - 1) * step) return false;
  *full = from + step;
  return true;
}

static bool lies_in(uint32_t address, uint32_t prefix, unsigned length) {
  return length == 0 || (address ^ prefix) >> (32 - length) == 0;
}
/* Not 0/8, 127/8, 224/3 (RFC 1812, section 5.3.7), nor 169.254/16 (RFC 3927, section 7). */
static bool is_unicast(uint32_t address) {
  return address >> 24 != 0 && address >> 24 != 127 && address >> 29 != 7
    && address >> 16 != 0xa9fe;
}
static bool is_forbidden(uint32_t destination) { /* 3.2: to a host, through the tunnel */
  if (!is_unicast(destination) || destination == o.c.endpoint) return true;
  for (unsigned i = 0; i < o.c.inside_count; i++)
    if (lies_in(destination, o.c.inside[i].address, o.c.inside[i].length)) return true;
  return false;
}
/* Where a host's packet can have gone to. */
static bool may_be_peer(uint32_t address) {
  return address == o.c.external ? o.c.hairpin : !is_forbidden(address);
}
/* I2 */
static bool may_be_source(uint32_t address) {
  return is_unicast(address) && address != o.c.external && address != o.c.endpoint;
}
static uint16_t host_at(uint32_t inside) {
  for (unsigned i = 0; i < o.known.count; i++)
    if (o.host[o.known.at[i]].inside == inside) return o.known.at[i];
  return 0;
}
static bool is_active(uint16_t host) { return o.host[host].is_known && !o.host[host].is_suspended; }
/* Host 0: is it revoked for all? */
static bool is_revoked(uint32_t address, uint16_t host) {
  for (unsigned i = 0; i < o.revocations.count; i++) {
    struct revocation r = o.revocations.at[i];
    if ((r.host == 0 || r.host == host) && lies_in(address, r.address, r.length)) return true;
  }
  return false;
}
static uint16_t owner_of_port(unsigned port) { return o.block[port / 1024]; }
static uint16_t owner_of_label(uint64_t ike_spi) { return o.slot[ike_spi >> 48]; }
static uint16_t owner_of_spi(uint32_t spi) { /* 3.1: slot of SPI, else claimed SPI */
  if (o.slot[spi >> 16]) return o.slot[spi >> 16];
  for (unsigned i = 0; i < o.claims.count; i++)
    if (o.claims.at[i].spi == spi) return o.claims.at[i].host;
  return 0;
}

/* The rows that admit (host, peer, protocol, SPI), the most particular first. */
static unsigned rows_for(
  uint16_t host, uint32_t peer, uint8_t protocol, uint32_t spi, uint32_t found[4]) {
  unsigned count = 0;
  for (unsigned wanted = 0; wanted < 4; wanted++) {
    uint32_t row_spi = wanted < 2 ? spi : 0;
    uint8_t row_protocol = wanted & 1 ? 0 : protocol;
    for (unsigned i = 0; i < o.rows.count && count < 4; i++) {
      struct row *r = &o.rows.at[i];
      if (r->host == host && r->address == peer && r->spi_in == row_spi
          && r->protocol == row_protocol) found[count++] = r->id;
    }
  }
  return count;
}
/* Has the host any row for the peer (and the protocol, unless 0)? */
static bool has_row(uint16_t host, uint32_t peer, uint8_t protocol) {
  for (unsigned i = 0; i < o.rows.count; i++) {
    struct row *r = &o.rows.at[i];
    if (r->host == host && r->address == peer
        && (!protocol || !r->protocol || r->protocol == protocol)) return true;
  }
  return false;
}

/* README.md, "What is learned". Times are kept in units. */
static uint64_t age(const struct learned *l) { return o.now / LEARNED_UNIT - l->last; }
static bool is_idle(const struct learned *l) {
  return age(l) > LEARNED_SECONDS * SECOND / LEARNED_UNIT;
}
/* IKE SPIs live while used or while the host has a row for the peer; outbound SPIs while used. */
static bool lives(const struct learned *l) {
  if (!o.host[l->host].is_known) return false;
  return !is_idle(l) || (!l->protocol && has_row(l->host, l->peer, 0));
}
static struct learned *learned_ike(uint32_t peer, uint64_t spi) {
  for (unsigned i = 0; spi && i < o.ike.count; i++) {
    struct learned *l = &o.ike.at[i];
    if (l->peer == peer && l->spi == spi && lives(l)) return l;
  }
  return NULL;
}
static struct learned *learned_spi(uint32_t peer, uint8_t protocol, uint32_t spi) {
  for (unsigned i = 0; i < o.spis.count; i++) {
    struct learned *l = &o.spis.at[i];
    if (l->peer == peer && l->protocol == protocol && l->spi == spi && lives(l)) return l;
  }
  return NULL;
}
static void forget_the_dead(void) {
  unsigned kept = 0;
  for (unsigned i = 0; i < o.ike.count; i++)
    if (lives(&o.ike.at[i])) o.ike.at[kept++] = o.ike.at[i];
  o.ike.count = kept;
  kept = 0;
  for (unsigned i = 0; i < o.spis.count; i++)
    if (lives(&o.spis.at[i])) o.spis.at[kept++] = o.spis.at[i];
  o.spis.count = kept;
}
static void renew(struct learned *l) {
  if (age(l) >= LEARNED_GRAIN) l->last = o.now / LEARNED_UNIT;
}
/* Whether the SPI is the host's now: the first owner keeps it; without room nothing is learned. */
static bool learn_ike(uint16_t host, uint32_t peer, uint64_t spi) {
  struct learned *l = learned_ike(peer, spi);
  unsigned own = 0;
  if (spi == 0) return false;
  if (l && l->host != host) return false;
  if (l) { renew(l); return true; }
  forget_the_dead();
  for (unsigned i = 0; i < o.ike.count; i++) own += o.ike.at[i].host == host;
  if (o.ike.count >= LEARNED_IKE || own >= LEARNED_IKE_PER_HOST) return false;
  ADD(o.ike, (struct learned){peer, spi, 0, host, o.now / LEARNED_UNIT});
  return true;
}
/* The first owner keeps it, unless it has no row for the peer any more and another has. */
static void learn_spi(uint16_t host, uint32_t peer, uint8_t protocol, uint32_t spi) {
  struct learned *l = learned_spi(peer, protocol, spi);
  unsigned own = 0;
  if (l && l->host == host) return renew(l);
  if (!has_row(host, peer, protocol)) return;
  if (l && has_row(l->host, peer, protocol)) return;
  if (l) REMOVE(o.spis, l - o.spis.at);
  forget_the_dead();
  for (unsigned i = 0; i < o.spis.count; i++) own += o.spis.at[i].host == host;
  if (o.spis.count < OUTBOUND_SPIS && own < OUTBOUND_SPIS_PER_HOST)
    ADD(o.spis, (struct learned){peer, spi, protocol, host, o.now / LEARNED_UNIT});
}
/* (peer, protocol, outbound SPI) -> host: declared with a validation, else learned. */
static uint16_t owner_of_outbound_spi(uint32_t peer, uint8_t protocol, uint32_t spi) {
  for (unsigned i = 0; i < o.rows.count; i++) {
    struct row *r = &o.rows.at[i];
    if (spi && r->address == peer && r->spi_out == spi
        && (!r->protocol || r->protocol == protocol)) return r->host;
  }
  struct learned *l = learned_spi(peer, protocol, spi);
  return l && has_row(l->host, peer, protocol) ? l->host : 0;
}

/* Part: reading headers */

struct ip {
  const uint8_t *at, *payload;
  unsigned total, size /* of the payload */, tos, id, ttl, protocol, offset /* in octets */;
  bool dont_fragment, more, is_cut /* more of it is elsewhere */;
  uint32_t source, destination;
};
static bool is_fragment(const struct ip *p) { return p->more || p->offset; }

/* P1-P4: RFC 1812, section 5.2.2. Octets after the total length are not the packet's. */
static int read_ip(const uint8_t *at, unsigned length, struct ip *p) {
  if (length > 0 && at[0] >> 4 == 6) return UNSUPPORTED_PROTOCOL;
  if (length < HEADER || at[0] >> 4 != 4) return MALFORMED;
  unsigned header = (at[0] & 15) * 4;
  *p = (struct ip){
    .at = at, .payload = at + header, .total = get16(at + 2), .tos = at[1], .id = get16(at + 4),
    .ttl = at[8], .protocol = at[9], .offset = (get16(at + 6) & 0x1fff) * 8,
    .dont_fragment = at[6] & 0x40, .more = at[6] & 0x20,
    .source = get32(at + 12), .destination = get32(at + 16)};
  p->size = p->total - header;
  p->is_cut = is_fragment(p);
  if (header < HEADER || p->total < header || p->total > length) return MALFORMED;
  return header > HEADER ? IP_OPTIONS : OK;
}

/* The IKE SPIs that may be of the inside host's own side: IKEv2 has one, IKEv1 either.
   `is_sent`: by the inside host. Returns their number, 0 if this is no IKE header. */
static unsigned own_ike_spis(const uint8_t *ike, bool is_sent, uint64_t own[2]) {
  uint64_t initiator = get64(ike), responder = get64(ike + 8);
  bool is_from_initiator = ike[19] & 0x08;
  own[0] = initiator;
  own[1] = responder;
  switch (ike[17] >> 4) {
  case 1: return 2;
  case 2: if (is_from_initiator != is_sent) own[0] = responder; return 1;
  default: return 0;
  }
}

/* An IKEv2 responder that refuses or asks for a cookie has no SPI yet (RFC 7296, section 2.6). */
static bool is_early_answer(const uint8_t *ike) {
  return ike[17] >> 4 == 2 && !(ike[19] & 0x08) && get64(ike + 8) == 0;
}

/* What UDP carries between ports 500 and 4500 (RFC 3948, section 2). */
enum ike_carrier { IS_IKE, IS_ESP, IS_KEEPALIVE, IS_SHORT };
static enum ike_carrier read_carrier(
  unsigned port, const uint8_t **data, unsigned size, unsigned ike_length, unsigned esp_length) {
  if (port == NAT_PORT) {
    if (size == 1 && **data == 0xff) return IS_KEEPALIVE;
    if (size < 4) return IS_SHORT;
    if (get32(*data) != 0) return size < esp_length ? IS_SHORT : IS_ESP;
    *data += 4;
    size -= 4;
  }
  return size < ike_length ? IS_SHORT : IS_IKE;
}

/* The length of what UDP carries, or -1. A fragment need not hold all of it. */
static int udp_size(const struct ip *p) {
  if (p->size < UDP_HEADER) return -1;
  unsigned length = get16(p->payload + 4);
  if (length < UDP_HEADER || (length > p->size && !p->is_cut)) return -1;
  return least(length, p->size) - UDP_HEADER;
}

/* What an ICMP error quotes; what has options or is cut before the ports never went through here. */
struct quote { uint32_t source, destination; uint8_t protocol; const uint8_t *data; unsigned size; };
/* E2 */
static bool read_quote(const uint8_t *at, unsigned length, struct quote *q) {
  if (length < HEADER + 8 || at[0] != 0x45 || get16(at + 6) & 0x1fff) return false;
  *q = (struct quote){get32(at + 12), get32(at + 16), at[9], at + HEADER, length - HEADER};
  return true;
}
/* The own-side SPIs of IKE that is quoted, perhaps in part: if it cannot be told who sent it,
   either may be. */
static unsigned quoted_ike_spis(
  const uint8_t *ike, unsigned size, bool is_sent, uint64_t own[2]) {
  if (size < 8) return 0;
  if (size >= IKE_QUOTED) return own_ike_spis(ike, is_sent, own);
  own[0] = get64(ike);
  own[1] = size < 16 ? 0 : get64(ike + 8);
  return 2;
}
static bool has_no_responder_spi(const uint8_t *ike, unsigned size) {
  return size < 16 || get64(ike + 8) == 0;
}

/* Part: inbound, who gets it (3.1) */

static uint16_t owner_of_ike_spis(uint32_t peer, const uint64_t own[2], unsigned count) {
  for (unsigned i = 0; i < count; i++)
    if (owner_of_label(own[i])) return owner_of_label(own[i]);
  for (unsigned i = 0; i < count; i++)
    if (learned_ike(peer, own[i])) return learned_ike(peer, own[i])->host;
  return 0;
}
static int owner_of_ike(
  const struct ip *p, uint16_t responder, const uint8_t *ike, struct owner *w) {
  uint64_t own[2] = {0};
  unsigned count = own_ike_spis(ike, false, own);
  if (count == 0) return MALFORMED;
  w->host = owner_of_ike_spis(p->source, own, count);
  if (w->host) return OK;
  if (get64(ike + 8) != 0 || !responder) return IKE_NO_OWNER;
  w->kind = TO_RESPONDER;
  w->host = responder;
  return OK;
}

static int owner_of_association(uint8_t protocol, uint32_t spi, struct owner *w) {
  if (spi < 256) return SPI_RESERVED;
  *w = (struct owner){TO_ASSOCIATION, owner_of_spi(spi), spi, protocol, 0};
  return w->host ? OK : SPI_NOT_LEASED;
}

static int owner_of_udp(const struct ip *p, uint16_t responder, struct owner *w) {
  int size = udp_size(p);
  if (size < 0) return MALFORMED;
  unsigned port = get16(p->payload + 2);
  const uint8_t *data = p->payload + UDP_HEADER;
  if (port != IKE_PORT && port != NAT_PORT)
    return (w->host = owner_of_port(port)) ? OK : PORT_NOT_LEASED;
  switch (read_carrier(port, &data, size, IKE_HEADER, ESP_HEADER)) {
  case IS_SHORT: return MALFORMED;
  case IS_KEEPALIVE: w->kind = TO_NOBODY; return OK;
  case IS_ESP: return owner_of_association(ESP, get32(data), w);
  case IS_IKE: return owner_of_ike(p, responder, data, w);
  }
  return MALFORMED;
}

/* E3, E4: the host that sent what an error from outside quotes. */
static int owner_of_quoted(const struct quote *q, struct owner *w) {
  const uint8_t *data = q->data;
  uint32_t peer = q->destination;
  uint64_t own[2] = {0};
  unsigned count, size = q->size - UDP_HEADER;
  *w = (struct owner){.kind = TO_ERROR, .peer = peer};
  if (q->source != o.c.external || !may_be_peer(peer)) return ICMP_NO_OWNER;
  switch (q->protocol) {
  case TCP: w->host = owner_of_port(get16(data)); break;
  case ICMP:
    if (data[0] == 0 || data[0] == 8 || data[0] == 13 || data[0] == 14)
      w->host = owner_of_port(get16(data + 4));
    break;
  case UDP:
    if (get16(data) != IKE_PORT && get16(data) != NAT_PORT) {
      w->host = owner_of_port(get16(data));
      break;
    }
    data += UDP_HEADER;
    switch (read_carrier(get16(q->data), &data, size, 0, 4)) {
    case IS_ESP: w->host = owner_of_outbound_spi(peer, ESP, get32(data)); break;
    case IS_IKE:
      size = q->data + q->size - data;
      count = quoted_ike_spis(data, size, true, own);
      w->host = owner_of_ike_spis(peer, own, count);
      if (!w->host && size >= IKE_QUOTED && is_early_answer(data)) w->host = o.c.responder;
      break;
    default: break;
    }
    break;
  case ESP: w->host = owner_of_outbound_spi(peer, ESP, get32(data)); break;
  case AH: w->host = owner_of_outbound_spi(peer, AH, get32(data + 4)); break;
  default: break;
  }
  return w->host ? OK : ICMP_NO_OWNER;
}

static bool is_error(unsigned type) { return type == 3 || type == 11 || type == 12; }

static int owner_of_icmp(const struct ip *p, struct owner *w) {
  if (p->size < ICMP_HEADER) return MALFORMED;
  unsigned type = p->payload[0];
  if (type == 8) {
    if (p->payload[1] != 0) return UNSUPPORTED_PROTOCOL; /* RFC 792: an echo's code is 0 */
    w->kind = TO_ROUTER;
    return OK;
  }
  if (type == 0 || type == 14)
    return (w->host = owner_of_port(get16(p->payload + 4))) ? OK : ICMP_NO_OWNER;
  if (!is_error(type)) return UNSUPPORTED_PROTOCOL;
  struct quote q;
  if (!read_quote(p->payload + ICMP_HEADER, p->size - ICMP_HEADER, &q)) return ICMP_NO_OWNER;
  return owner_of_quoted(&q, w);
}

/* I4 */
static int owner_of(const struct ip *p, uint16_t responder, struct owner *w) {
  *w = (struct owner){TO_HOST};
  switch (p->protocol) {
  case ESP:
    return p->size < ESP_HEADER ? MALFORMED : owner_of_association(ESP, get32(p->payload), w);
  case AH:
    if (p->size < AH_HEADER) return MALFORMED;
    unsigned length = (p->payload[1] + 2) * 4;
    if (length < AH_HEADER || length > p->size) return MALFORMED;
    return owner_of_association(AH, get32(p->payload + 4), w);
  case UDP: return owner_of_udp(p, responder, w);
  case TCP:
    if (p->size < TCP_HEADER) return MALFORMED;
    unsigned offset = (p->payload[12] >> 4) * 4;
    if (offset < TCP_HEADER || offset > p->size) return MALFORMED;
    return (w->host = owner_of_port(get16(p->payload + 2))) ? OK : PORT_NOT_LEASED;
  case ICMP: return owner_of_icmp(p, w);
  default: return UNSUPPORTED_PROTOCOL;
  }
}

static bool admit_one(struct limiter_list *list, uint32_t key, unsigned rate, unsigned burst) {
  unsigned i = 0;
  while (i < list->count && list->at[i].key != key) i++;
  if (i == list->count) ADD(*list, (struct limiter){key, 0});
  return admit(&list->at[i].full, rate, burst);
}

/* I5-I8; also for each later fragment, for which nothing of I8 is left. */
static int check(const struct ip *p, const struct owner *w) {
  uint32_t found[4];
  if (!is_active(w->host)) return HOST_SUSPENDED;
  if (is_revoked(p->source, w->host)) return ADDRESS_REVOKED;
  if (w->kind == TO_ASSOCIATION && !rows_for(w->host, p->source, w->protocol, w->spi, found))
    return ADDRESS_NOT_VALIDATED;
  if (w->kind == TO_RESPONDER && !admit_one(
        &o.beginners, p->source, UNSOLICITED_IKE_PER_SECOND, UNSOLICITED_IKE_BURST))
    return IKE_RATE_LIMITED;
  if (w->kind != TO_ERROR) return OK;
  if (is_revoked(w->peer, w->host)) return ADDRESS_REVOKED;
  return admit_one(&o.errors_in, p->source, PASSED_ERRORS_PER_SECOND, PASSED_ERRORS_BURST)
    ? OK : ICMP_RATE_LIMITED;
}

/* Part: outbound, whether the host may send it (3.2) */

enum use { PERMITTED = OK - 1, KEEPALIVE = OK - 2 }; /* besides the reasons */

static int use_of_ike(const struct ip *p, uint16_t host, const uint8_t *ike) {
  uint64_t own[2] = {0};
  unsigned count = own_ike_spis(ike, true, own);
  if (count == 0) return MALFORMED;
  for (unsigned i = 0; i < count; i++)
    if (owner_of_label(own[i]) == host) return PERMITTED;
  if (is_early_answer(ike) && host == o.c.responder) return PERMITTED;
  for (unsigned i = 0; i < count; i++)
    if (owner_of_label(own[i])) return IKE_SPI_NOT_OWNED;
  uint64_t spi = own[0];
  /* IKEv1: the responder's cookie is the host's own unless it began. */
  if (count == 2 && own[1] && !learned_ike(p->destination, own[0])) spi = own[1];
  return learn_ike(host, p->destination, spi) ? PERMITTED : IKE_SPI_NOT_OWNED;
}

static int use_of_udp(const struct ip *p, uint16_t host) {
  int size = udp_size(p);
  if (size < 0) return MALFORMED;
  unsigned port = get16(p->payload);
  const uint8_t *data = p->payload + UDP_HEADER;
  if (port != IKE_PORT && port != NAT_PORT)
    return owner_of_port(port) == host ? PERMITTED : PORT_NOT_OWNED;
  switch (read_carrier(port, &data, size, IKE_HEADER, ESP_HEADER)) {
  case IS_SHORT: return MALFORMED;
  case IS_KEEPALIVE: return KEEPALIVE;
  case IS_ESP: learn_spi(host, p->destination, ESP, get32(data)); return PERMITTED;
  case IS_IKE: return use_of_ike(p, host, data);
  }
  return MALFORMED;
}

/* E3, E4 the other way: the host that the quoted packet was for. */
static uint16_t receiver_of_quoted(const struct quote *q) {
  const uint8_t *data = q->data;
  uint64_t own[2] = {0};
  unsigned port = get16(data + 2), size = q->size - UDP_HEADER, count;
  uint32_t spi = 0;
  uint16_t host;
  switch (q->protocol) {
  case TCP: return owner_of_port(port);
  case ICMP: return data[0] == 0 || data[0] == 14 ? owner_of_port(get16(data + 4)) : 0;
  case UDP:
    if (port != IKE_PORT && port != NAT_PORT) return owner_of_port(port);
    data += UDP_HEADER;
    switch (read_carrier(port, &data, size, 0, 4)) {
    case IS_IKE:
      size = q->data + q->size - data;
      count = quoted_ike_spis(data, size, false, own);
      host = owner_of_ike_spis(q->source, own, count);
      return host || !count || !has_no_responder_spi(data, size) ? host : o.c.responder;
    case IS_ESP: spi = get32(data); break;
    default: return 0;
    }
    break;
  case ESP: spi = get32(data); break;
  case AH: spi = get32(data + 4); break;
  default: return 0;
  }
  return spi < 256 ? 0 : owner_of_spi(spi);
}

static int use_of_icmp(const struct ip *p, uint16_t host) {
  if (p->size < ICMP_HEADER) return MALFORMED;
  unsigned type = p->payload[0];
  if (type == 0 || type == 8 || type == 13 || type == 14)
    return owner_of_port(get16(p->payload + 4)) == host ? PERMITTED : PORT_NOT_OWNED;
  if (!is_error(type)) return UNSUPPORTED_PROTOCOL;
  struct quote q;
  if (!read_quote(p->payload + ICMP_HEADER, p->size - ICMP_HEADER, &q)) return ICMP_NO_OWNER;
  if (q.destination != o.c.external || p->destination != q.source) return ICMP_NO_OWNER;
  if (receiver_of_quoted(&q) != host) return ICMP_NO_OWNER;
  return admit_one(
    &o.errors_out, o.host[host].inside, PASSED_ERRORS_PER_SECOND, PASSED_ERRORS_BURST)
    ? PERMITTED : ICMP_RATE_LIMITED;
}

/* IPv4, IPv6 and GRE in IP. */
static bool is_tunnel(unsigned protocol) {
  return protocol == IPIP || protocol == 41 || protocol == 47;
}

/* O11, and what is learned by it. */
static int use_of(const struct ip *p, uint16_t host) {
  switch (p->protocol) {
  case ESP:
    if (p->size < ESP_HEADER) return MALFORMED;
    learn_spi(host, p->destination, ESP, get32(p->payload));
    return PERMITTED;
  case AH:
    if (p->size < AH_HEADER) return MALFORMED;
    unsigned length = (p->payload[1] + 2) * 4;
    if (length < AH_HEADER || length > p->size) return MALFORMED;
    learn_spi(host, p->destination, AH, get32(p->payload + 4));
    return PERMITTED;
  case UDP: return use_of_udp(p, host);
  case TCP:
    if (p->size < TCP_HEADER) return MALFORMED;
    unsigned offset = (p->payload[12] >> 4) * 4;
    if (offset < TCP_HEADER || offset > p->size) return MALFORMED;
    return owner_of_port(get16(p->payload)) == host ? PERMITTED : PORT_NOT_OWNED;
  case ICMP: return use_of_icmp(p, host);
  default: return is_tunnel(p->protocol) ? TUNNEL_NESTED : UNSUPPORTED_PROTOCOL;
  }
}

/* Part: what is written */

/* One packet on its way; `tos` is its own after the tunnel's ECN was merged into it. */
struct arrival {
  uint32_t number;
  enum direction direction;
  uint16_t sender; /* the host that it came from, 0 if from outside */
  uint8_t tos, outer_tos;
  const struct ruling *ruling; /* what it waited for, if it did */
  struct ip received, p; /* as it came, and without the tunnel */
};

static struct result *conclude(
  const struct arrival *in, enum verdict verdict, int reason, uint16_t host) {
  if (a.result_count == result_room) {
    result_room = result_room ? 2 * result_room : 16;
    a.results = realloc(a.results, result_room * sizeof *a.results);
  }
  struct result *r = &a.results[a.result_count++];
  *r = (struct result){
    .packet = in->number, .verdict = verdict, .reason = reason == OK ? NO_REASON : reason,
    .direction = in->direction, .host = in->sender ? in->sender : host,
    .first_output = a.output_count};
  return r;
}
static void drop(const struct arrival *in, int reason, uint16_t host) {
  conclude(in, DROP, reason, host);
}

/* Room for `length` octets in a new output of the last result. */
static uint8_t *new_output(unsigned length) {
  if (a.output_count == output_room) {
    output_room = output_room ? 2 * output_room : 16;
    a.outputs = realloc(a.outputs, output_room * sizeof *a.outputs);
  }
  while (a.octet_count + length > octet_room) {
    octet_room = octet_room ? 2 * octet_room : 1 << 20;
    a.octets = realloc(a.octets, octet_room);
  }
  a.outputs[a.output_count++] = (struct output){a.octet_count, length, 0, {0}};
  a.results[a.result_count - 1].outputs++;
  uint8_t *at = a.octets + a.octet_count;
  a.octet_count += length;
  memset(at, 0, length);
  return at;
}
/* The identification of the header at `offset` of the last output is the router's own. */
static void mask(unsigned offset) {
  struct output *last = &a.outputs[a.output_count - 1];
  last->masked[last->masks++] = offset;
}
static void write_ip(
  uint8_t *at, unsigned tos, unsigned total, bool dont_fragment, unsigned protocol,
  uint32_t source, uint32_t destination) {
  at[0] = 0x45;
  at[1] = tos;
  set16(at + 2, total);
  set16(at + 6, dont_fragment ? 0x4000 : 0);
  at[8] = 64;
  at[9] = protocol;
  set32(at + 12, source);
  set32(at + 16, destination);
  seal(at, HEADER, 10);
}
/* 3.1: endpoint -> host's inside address, protocol 4, TTL 64, DF as inner, DSCP and ECN copied.
   Returns where the inner packet is to be written. */
static uint8_t *tunnel_output(unsigned length, unsigned tos, bool dont_fragment, uint16_t host) {
  uint8_t *at = new_output(HEADER + length);
  write_ip(at, tos, HEADER + length, dont_fragment, IPIP, o.c.endpoint, o.host[host].inside);
  mask(0);
  return at + HEADER;
}
/* The checksum of a header that was `old`. One that came wrong stays as wrong as it was (RFC 1624,
   equation 3); nobody but the kernel may mend it. */
static void mend(uint8_t *at, const uint8_t *old) {
  if (is_sound(old, HEADER)) return seal(at, HEADER, 10);
  uint8_t terms[2 * HEADER] = {0};
  for (unsigned i = 0; i < HEADER; i += 2) {
    set16(terms + 2 * i, ~get16(old + i));
    if (i != 10) set16(terms + 2 * i + 2, get16(at + i));
  }
  set16(at + 10, ~sum(terms, sizeof terms));
}
/* The header with its ECN merged and, if it goes on, its TTL counted. */
static void write_header(uint8_t *at, const struct arrival *in, bool goes_on) {
  memcpy(at, in->p.at, HEADER);
  at[1] = in->tos;
  at[8] -= goes_on;
  if (memcmp(at, in->p.at, HEADER)) mend(at, in->p.at);
}
/* The rest is untouched. */
static void write_routed(uint8_t *at, const struct arrival *in) {
  write_header(at, in, true);
  memcpy(at + HEADER, in->p.payload, in->p.size);
}
static bool is_too_big(unsigned length) { return length > least(o.c.mtu, 65535 - HEADER); }

/* RFC 791, section 3.2: as many fragments as needed, each as long as fits. */
static void write_split(const struct arrival *in, uint16_t host) {
  unsigned room = (least(o.c.mtu, 65535 - HEADER) - HEADER) & ~7u;
  for (unsigned done = 0; done < in->p.size; done += room) {
    unsigned size = least(room, in->p.size - done);
    bool is_last = done + size == in->p.size;
    uint8_t *at = tunnel_output(HEADER + size, in->tos, false, host);
    write_header(at, in, true);
    memcpy(at + HEADER, in->p.payload + done, size);
    set16(at + 2, HEADER + size);
    set16(at + 6, (in->p.at[6] & 0x80) << 8 | (in->p.offset + done) / 8
          | (!is_last || in->p.more ? 0x2000 : 0));
    mend(at, in->p.at);
  }
}

/* Never about an ICMP error or a fragment that is not the first (RFC 1812, section 4.3.2.7). */
static bool may_tell(const struct ip *p) {
  if (p->offset || !is_unicast(p->source)) return false;
  if (p->protocol != ICMP) return true;
  if (p->size == 0) return false;
  unsigned type = p->payload[0];
  return type != 3 && type != 4 && type != 5 && type != 11 && type != 12;
}
static void write_error(
  uint8_t *at, unsigned type, unsigned code, unsigned mtu, uint32_t source, uint32_t destination,
  const uint8_t *quoted, unsigned quoted_length) {
  uint8_t *icmp = at + HEADER;
  unsigned length = ICMP_HEADER + quoted_length;
  write_ip(at, 0xc0, HEADER + length, false, ICMP, source, destination);
  icmp[0] = type;
  icmp[1] = code;
  set16(icmp + 6, mtu);
  memcpy(icmp + ICMP_HEADER, quoted, quoted_length);
  seal(icmp, length, 2);
}
/* Adds to the last result's drop what its sender is told: from the shared address to the outside,
   from the endpoint through the tunnel to a host. */
static void tell(const struct arrival *in, unsigned type, unsigned code, unsigned mtu) {
  if (!may_tell(&in->p)) return;
  if (!admit(&o.errors, ERRORS_PER_SECOND, ERRORS_BURST)) return;
  unsigned quoted = least(in->p.total, ERROR_LENGTH - HEADER - ICMP_HEADER);
  unsigned length = HEADER + ICMP_HEADER + quoted, start = in->sender ? HEADER : 0;
  uint8_t *at = in->sender ? tunnel_output(length, 0xc0, false, in->sender) : new_output(length);
  uint32_t source = in->sender ? o.c.endpoint : o.c.external;
  uint8_t about[ERROR_LENGTH];
  memcpy(about, in->p.at, quoted);
  write_header(about, in, false);
  write_error(at, type, code, mtu, source, in->p.source, about, quoted);
  mask(start);
}

/* Part: inbound */

/* I9-I11 */
static void forward_inbound(const struct arrival *in, const struct owner *w) {
  if (in->p.ttl <= 1) {
    drop(in, TTL_EXPIRED, w->host);
    tell(in, 11, 0, 0);
    return;
  }
  bool is_split = is_too_big(in->p.total);
  if (is_split && in->p.dont_fragment) {
    drop(in, TOO_BIG, w->host);
    tell(in, 3, 4, least(o.c.mtu, 65535 - HEADER));
    return;
  }
  struct result *r = conclude(in, FORWARD, OK, w->host);
  if (w->kind == TO_ASSOCIATION)
    r->entries = rows_for(w->host, in->p.source, w->protocol, w->spi, r->entry);
  if (is_split) write_split(in, w->host);
  else write_routed(tunnel_output(in->p.total, in->tos, in->p.dont_fragment, w->host), in);
}

/* 3.1: an echo request is answered by the router. Whoever is revoked for all is revoked for it. */
static void answer_echo(const struct arrival *in) {
  const struct ip *p = &in->p;
  if (is_revoked(p->source, 0)) return drop(in, ADDRESS_REVOKED, 0);
  if (!admit(&o.answers, ANSWERS_PER_SECOND, ANSWERS_BURST)) return drop(in, ICMP_RATE_LIMITED, 0);
  if (!is_sound(p->payload, p->size)) return drop(in, MALFORMED, 0);
  conclude(in, ANSWER, OK, 0);
  unsigned tos = in->tos & 0xfc; /* RFC 1349, section 5.1; not ECN-capable */
  uint8_t *at = in->sender
    ? tunnel_output(p->total, tos, p->dont_fragment, in->sender) : new_output(p->total);
  write_ip(at, tos, p->total, p->dont_fragment, ICMP, o.c.external, p->source);
  mask(in->sender ? HEADER : 0);
  memcpy(at + HEADER, p->payload, p->size);
  at[HEADER] = 0;
  seal(at + HEADER, p->size, 2);
}

static void take_inbound_fragment(const struct arrival *in);

/* I5-I11, for whom the packet is for; also the second half of a hairpin's way. */
static void send_to_host(const struct arrival *in, const struct owner *w) {
  if (w->kind == TO_NOBODY) { conclude(in, CONSUME, OK, 0); return; }
  if (w->kind == TO_ROUTER) return answer_echo(in);
  int why = check(&in->p, w);
  if (why != OK) return drop(in, why, w->host);
  forward_inbound(in, w);
}
/* I3-I11 */
static void receive_inbound(const struct arrival *in) {
  struct owner w;
  if (is_fragment(&in->p)) return take_inbound_fragment(in);
  int why = owner_of(&in->p, o.c.responder, &w);
  if (why != OK) return drop(in, why, 0);
  send_to_host(in, &w);
}

/* Part: outbound */

/* RFC 6040, section 4.2, figure 4: the ECN field after the tunnel; -1 = the packet is to drop. */
static int merged_ecn(unsigned inner, unsigned outer) {
  enum { NOT_ECT = 0, ECT1 = 1, ECT0 = 2, CE = 3 };
  if (inner == NOT_ECT) return outer == CE ? -1 : NOT_ECT;
  if (inner == CE || outer == CE) return CE;
  if (inner == ECT0 && outer == ECT1) return ECT1;
  return inner;
}

/* O12-O15; `to` is a host behind the same address, or NULL. */
static void send_from_host(const struct arrival *in, const struct owner *to) {
  int ecn = merged_ecn(in->p.tos & 3, in->outer_tos & 3);
  if (ecn < 0) return drop(in, ECN_INVALID, in->sender);
  struct arrival out = *in;
  out.tos = (in->p.tos & 0xfc) | ecn;
  if (to) return send_to_host(&out, to);
  if (in->p.ttl <= 1) {
    drop(in, TTL_EXPIRED, in->sender);
    tell(in, 11, 0, 0);
    return;
  }
  conclude(in, FORWARD, OK, in->sender);
  write_routed(new_output(in->p.total), &out);
}

static void take_outbound_fragment(const struct arrival *in);

/* O10-O15 */
static void receive_from_host(const struct arrival *in) {
  struct owner w;
  if (is_fragment(&in->p)) return take_outbound_fragment(in);
  int why = use_of(&in->p, in->sender);
  if (why == KEEPALIVE) { conclude(in, CONSUME, OK, in->sender); return; }
  if (why != PERMITTED) return drop(in, why, in->sender);
  if (in->p.destination != o.c.external) return send_from_host(in, NULL);
  why = owner_of(&in->p, o.c.responder, &w);
  if (why != OK) return drop(in, why, in->sender);
  send_from_host(in, &w);
}

/* What the sender of a packet is told of an error about its tunnel's: code of type 3, or a reason. */
static int relayed_code(unsigned type, unsigned code, unsigned mtu, unsigned *told) {
  if (type != 3 && type != 11 && type != 12) return UNSUPPORTED_PROTOCOL;
  if (type == 12 || (type == 3 && (code == 3 || code == 5))) return ICMP_NO_OWNER;
  *told = type == 3 && code == 4 ? 4 : 1;
  return *told == 4 && mtu < 68 + HEADER ? MALFORMED : OK;
}
/* A quoted header, perhaps of a packet of which not all is quoted. */
static bool read_quoted_ip(const uint8_t *at, unsigned length, struct ip *p) {
  if (length < HEADER || at[0] != 0x45 || get16(at + 2) < HEADER) return false;
  read_ip(at, length, p);
  p->is_cut |= p->total > length;
  p->size = least(p->total, length) - HEADER;
  return true;
}
/* T3, T4: whether the router sends such a packet to the host. */
static bool is_ours(const struct ip *outer, const struct ip *inner) {
  struct owner w;
  uint16_t host = host_at(outer->destination);
  if (outer->source != o.c.endpoint || outer->protocol != IPIP || outer->offset) return false;
  if (inner->destination != o.c.external || !may_be_source(inner->source)) return false;
  if (!may_tell(inner)) return false;
  return owner_of(inner, 0, &w) == OK && host && w.host == host && check(inner, &w) == OK;
}
/* T: an error about the packet that goes to a host is told to whoever sent the inner one
   (RFC 2003, section 4). */
static void relay_tunnel_error(const struct arrival *in) {
  const struct ip *p = &in->p;
  struct ip outer, inner;
  unsigned told = 0;
  if (p->size < ICMP_HEADER) return drop(in, MALFORMED, 0);
  unsigned mtu = get16(p->payload + 6);
  int why = relayed_code(p->payload[0], p->payload[1], mtu, &told);
  if (why != OK) return drop(in, why, 0);
  if (!is_sound(p->payload, p->size)) return drop(in, MALFORMED, 0);
  if (!read_quoted_ip(p->payload + ICMP_HEADER, p->size - ICMP_HEADER, &outer)
      || !read_quoted_ip(outer.payload, outer.size, &inner) || !is_ours(&outer, &inner))
    return drop(in, ICMP_NO_OWNER, 0);
  if (told == 4 && (!inner.dont_fragment || mtu - HEADER >= inner.total))
    return drop(in, MALFORMED, 0);
  if (!admit(&o.errors, ERRORS_PER_SECOND, ERRORS_BURST)) return drop(in, ICMP_RATE_LIMITED, 0);
  conclude(in, ANSWER, OK, 0);
  unsigned quoted = least(HEADER + inner.size, ERROR_LENGTH - HEADER - ICMP_HEADER);
  uint8_t *at = new_output(HEADER + ICMP_HEADER + quoted);
  write_error(at, 3, told, told == 4 ? mtu - HEADER : 0, o.c.external, inner.source, inner.at,
              quoted);
  mask(0);
}

/* Part: fragments */

struct range { unsigned start, end; bool is_last; };

/* Sources share accounts by a hash whose secret the probe has from here as well; 0 is nobody's. */
static unsigned account_of_source(uint32_t address) {
  const uint64_t seed = 0x0123456789abcdef, factor = __builtin_bswap64(seed) | 1;
  unsigned __int128 product = (unsigned __int128)(address ^ seed) * factor;
  return 1 + ((uint64_t)(product >> 64) ^ (uint64_t)product) % SOURCE_ACCOUNTS;
}
static unsigned account_of_host(uint16_t host) { return SOURCE_ACCOUNTS + host; }

static struct datagram *find_datagram(struct way *way, const struct arrival *in, uint32_t peer) {
  for (unsigned i = 0; i < way->datagrams.count; i++) {
    struct datagram *d = way->datagrams.at[i];
    if (d->peer == peer && d->from == in->sender && d->protocol == in->p.protocol
        && d->id == in->p.id && d->expires > o.now) return d;
  }
  return NULL;
}
static void take_from_list(struct way *way, struct datagram *d) {
  for (unsigned i = 0; i < way->datagrams.count; i++)
    if (way->datagrams.at[i] == d) { REMOVE(way->datagrams, i); break; }
}
static void discharge(struct way *way, struct datagram *d) {
  if (d->state == WHOLE) return;
  way->account[d->payer].datagrams--;
  if (d->recipient) way->account[d->recipient].datagrams--;
}
static void forget_datagram(struct way *way, struct datagram *d) {
  discharge(way, d);
  way->refused -= d->state == REFUSED;
  take_from_list(way, d);
  for (unsigned i = 0; i < d->waiting.count; i++) {
    unsigned chunks = (d->waiting.at[i].length + CHUNK - 1) / CHUNK;
    way->chunks -= chunks;
    way->account[d->payer].chunks -= chunks;
    free(d->waiting.at[i].octets);
  }
  free(d->waiting.at);
  free(d);
}
/* The wait of its fragments is over. */
static void release(struct way *way, struct datagram *d) {
  for (unsigned i = 0; i < d->waiting.count; i++) {
    struct waiting w = d->waiting.at[i];
    unsigned chunks = (w.length + CHUNK - 1) / CHUNK;
    way->chunks -= chunks;
    way->account[d->payer].chunks -= chunks;
    w.ruling = d->ruling;
    ADD(o.released, w);
  }
  d->waiting.count = 0;
}
static void settle(struct way *way, struct datagram *d, int state, struct ruling ruling) {
  way->refused += (state == REFUSED) - (d->state == REFUSED);
  d->state = state;
  d->ruling = ruling;
  release(way, d);
}
static void end_datagrams(struct way *way) {
  for (unsigned i = 0; i < way->datagrams.count;) {
    struct datagram *d = way->datagrams.at[i];
    if (d->expires > o.now) { i++; continue; }
    d->ruling = (struct ruling){.reason = FRAGMENT_TIMEOUT, .host = d->from};
    release(way, d);
    forget_datagram(way, d);
  }
}
/* A new datagram, unless there is no place; the oldest that is whole makes room. */
static struct datagram *new_datagram(struct way *way, const struct arrival *in, uint32_t peer) {
  unsigned payer = in->sender ? account_of_host(in->sender) : account_of_source(peer);
  for (unsigned i = 0; way->datagrams.count == DATAGRAMS && i < DATAGRAMS; i++)
    if (way->datagrams.at[i]->state == WHOLE) forget_datagram(way, way->datagrams.at[i]);
  if (way->datagrams.count == DATAGRAMS) return NULL;
  if (way->account[payer].datagrams == DATAGRAMS_OF_ONE) return NULL;
  way->account[payer].datagrams++;
  struct datagram *d = calloc(1, sizeof *d);
  d->peer = peer;
  d->from = in->sender;
  d->protocol = in->p.protocol;
  d->id = in->p.id;
  d->payer = payer;
  d->expires = o.now + FRAGMENT_SECONDS * SECOND;
  ADD(way->datagrams, d);
  return d;
}

/* F3: RFC 5722 for IPv4; only what was seen before may be an honest network's doing. */
static bool fits(struct way *way, struct datagram *d, struct range r) {
  unsigned old = 0, count = 0;
  for (unsigned unit = r.start / 8; unit * 8 < r.end; unit++, count++) old += d->unit[unit];
  bool agrees = !d->end ? !r.is_last || r.end > d->seen_end
    : r.is_last ? r.end == d->end : r.end < d->end;
  if (agrees && old == 0) return true;
  if (d->state != WHOLE && (!agrees || old < count))
    settle(way, d, REFUSED, (struct ruling){.reason = FRAGMENT_INVALID, .host = d->from});
  return false;
}
static void see(struct way *way, struct datagram *d, struct range r) {
  for (unsigned unit = r.start / 8; unit * 8 < r.end; unit++) d->unit[unit] = true, d->seen++;
  if (r.end > d->seen_end) d->seen_end = r.end;
  if (r.is_last) d->end = r.end;
  if (!d->end || d->seen != (d->end + 7) / 8) return;
  discharge(way, d);
  way->refused -= d->state == REFUSED;
  d->state = WHOLE;
  d->expires = o.now + WHOLE_SECONDS * SECOND;
  take_from_list(way, d);
  ADD(way->datagrams, d);
}

/* F4, F5: the first fragment may pass; those that follow may as well. */
static int accept_datagram(
  struct way *way, const struct arrival *in, uint32_t peer, struct range r, unsigned recipient,
  struct ruling ruling) {
  struct datagram *d = find_datagram(way, in, peer);
  if (d && !fits(way, d, r)) return FRAGMENT_INVALID;
  if (d && d->state == REFUSED) return d->ruling.reason;
  if (!d) d = new_datagram(way, in, peer);
  if (!d) return FRAGMENT_OVERFLOW;
  if (recipient) {
    if (way->account[recipient].datagrams == DATAGRAMS_OF_ONE) {
      settle(way, d, REFUSED, (struct ruling){.reason = FRAGMENT_OVERFLOW, .host = d->from});
      if (way->refused > REFUSED_DATAGRAMS) forget_datagram(way, d);
      return FRAGMENT_OVERFLOW;
    }
    way->account[recipient].datagrams++;
    d->recipient = recipient;
  }
  if (ruling.to.kind == TO_RESPONDER) ruling.to.kind = TO_HOST; /* I8 is for the first one */
  settle(way, d, ACCEPTED, ruling);
  see(way, d, r);
  return OK;
}
/* F4: the first fragment may not pass; none may. */
static void refuse_datagram(
  struct way *way, const struct arrival *in, uint32_t peer, struct range r, int reason,
  uint16_t host) {
  struct datagram *d = find_datagram(way, in, peer);
  if (d && (d->state != UNDECIDED || !fits(way, d, r))) return;
  if (!d && way->refused >= REFUSED_DATAGRAMS) return;
  if (!d) d = new_datagram(way, in, peer);
  if (!d) return;
  settle(way, d, REFUSED, (struct ruling){.reason = reason, .host = host});
  see(way, d, r);
}
/* Whether there is room for one that waits; then it waits. */
static bool hold(struct way *way, struct datagram *d, const struct arrival *in) {
  unsigned length = in->received.total, chunks = (length + CHUNK - 1) / CHUNK;
  if (way->chunks + chunks > CHUNKS) return false;
  if (way->account[d->payer].chunks + chunks > CHUNKS_OF_ONE) return false;
  way->chunks += chunks;
  way->account[d->payer].chunks += chunks;
  struct waiting w = {.number = in->number, .length = length, .octets = malloc(length)};
  memcpy(w.octets, in->received.at, length);
  ADD(d->waiting, w);
  return true;
}
enum { WAITS = OK - 3 };
/* F6: what was decided for a later fragment, or that it waits. */
static int follow_datagram(
  struct way *way, const struct arrival *in, uint32_t peer, struct range r,
  struct ruling *ruling) {
  struct datagram *d = find_datagram(way, in, peer), *new = NULL;
  if (d && !fits(way, d, r)) return FRAGMENT_INVALID;
  if (d && d->state != UNDECIDED) {
    *ruling = d->ruling;
    see(way, d, r);
    return OK;
  }
  if (!d && !(d = new = new_datagram(way, in, peer))) return FRAGMENT_OVERFLOW;
  if (!hold(way, d, in)) {
    if (new) forget_datagram(way, new);
    return FRAGMENT_OVERFLOW;
  }
  see(way, d, r);
  return WAITS;
}

/* F1: RFC 1858, section 3; RFC 3128: the first fragment holds the upper layer's header whole. */
static bool is_range(const struct ip *p, struct range r) {
  unsigned header = p->protocol == TCP ? TCP_HEADER : p->protocol == AH ? AH_HEADER : 8;
  return p->size != 0 && !(p->more && p->size % 8) && r.end <= 65535 - HEADER
    && (r.start == 0 || r.start >= header);
}
static bool is_passed(unsigned protocol) {
  return protocol == ESP || protocol == AH || protocol == UDP || protocol == TCP
    || protocol == ICMP;
}
/* F4: nothing that the router answers or reads itself comes in parts. */
static int check_message(const struct ip *p) {
  if (p->protocol != ICMP) return OK;
  if (p->size < ICMP_HEADER) return FRAGMENT_INVALID;
  unsigned type = p->payload[0];
  return is_error(type) || type == 4 || type == 5 ? FRAGMENT_INVALID : OK;
}
static int owner_of_first(const struct ip *p, struct owner *w) {
  int why = check_message(p);
  if (why == OK) why = owner_of(p, o.c.responder, w);
  if (why == OK && (w->kind == TO_ROUTER || w->kind == TO_NOBODY)) why = FRAGMENT_INVALID;
  return why == MALFORMED ? FRAGMENT_INVALID : why;
}
/* F6: whether the SPI is still the host's. */
static bool still_holds(const struct owner *w) {
  return w->kind != TO_ASSOCIATION || owner_of_spi(w->spi) == w->host;
}

static void take_inbound_fragment(const struct arrival *in) {
  const struct ip *p = &in->p;
  struct way *way = &o.way[INBOUND];
  struct range r = {p->offset, p->offset + p->size, !p->more};
  struct ruling ruling = {.reason = OK};
  if (!is_range(p, r)) return drop(in, FRAGMENT_INVALID, 0);
  if (p->offset == 0) {
    struct owner w;
    uint16_t host = 0;
    int why = owner_of_first(p, &w);
    if (why == OK) host = w.host, why = check(p, &w);
    if (why != OK) {
      refuse_datagram(way, in, p->source, r, why, host);
      return drop(in, why, host);
    }
    ruling.to = w;
    why = accept_datagram(way, in, p->source, r, account_of_host(host), ruling);
    if (why != OK) return drop(in, why, host);
    return forward_inbound(in, &w);
  }
  if (!is_passed(p->protocol)) return drop(in, UNSUPPORTED_PROTOCOL, 0); /* F2 */
  if (in->ruling) ruling = *in->ruling;
  else {
    if (is_revoked(p->source, 0)) return drop(in, ADDRESS_REVOKED, 0);
    int why = follow_datagram(way, in, p->source, r, &ruling);
    if (why == WAITS) { conclude(in, HOLD, OK, 0); return; }
    if (why != OK) return drop(in, why, 0);
  }
  if (ruling.reason != OK) return drop(in, ruling.reason, ruling.host);
  if (!still_holds(&ruling.to)) return drop(in, SPI_NOT_LEASED, 0);
  send_to_host(in, &ruling.to);
}

static void take_outbound_fragment(const struct arrival *in) {
  const struct ip *p = &in->p;
  struct way *way = &o.way[OUTBOUND];
  struct range r = {p->offset, p->offset + p->size, !p->more};
  struct ruling ruling = {.reason = OK, .is_to_host = p->destination == o.c.external};
  if (!is_range(p, r)) return drop(in, FRAGMENT_INVALID, 0);
  if (p->offset == 0) {
    struct owner w = {0};
    int why = check_message(p);
    if (why == OK) why = use_of(p, in->sender);
    if (why == PERMITTED) why = ruling.is_to_host ? owner_of_first(p, &w) : OK;
    else if (why == KEEPALIVE || why == MALFORMED) why = FRAGMENT_INVALID;
    if (why != OK) {
      refuse_datagram(way, in, p->destination, r, why, 0);
      return drop(in, why, 0);
    }
    ruling.to = w;
    why = accept_datagram(way, in, p->destination, r, 0, ruling);
    if (why != OK) return drop(in, why, 0);
    return send_from_host(in, ruling.is_to_host ? &w : NULL);
  }
  if (is_tunnel(p->protocol)) return drop(in, TUNNEL_NESTED, 0); /* F2 */
  if (!is_passed(p->protocol)) return drop(in, UNSUPPORTED_PROTOCOL, 0);
  if (in->ruling) ruling = *in->ruling;
  else {
    int why = follow_datagram(way, in, p->destination, r, &ruling);
    if (why == WAITS) { conclude(in, HOLD, OK, 0); return; }
    if (why != OK) return drop(in, why, 0);
  }
  if (ruling.reason != OK) return drop(in, ruling.reason, 0);
  if (!ruling.is_to_host) return send_from_host(in, NULL);
  if (!still_holds(&ruling.to)) return drop(in, SPI_NOT_LEASED, 0);
  send_from_host(in, &ruling.to);
}

/* Part: the beginning */

static void receive(struct arrival *in, const uint8_t *packet, uint32_t length);

/* Those whose wait is over are decided anew, in the order in which it ended. */
static void decide_released(void) {
  for (unsigned i = 0; i < o.released.count; i++) {
    struct waiting w = o.released.at[i];
    struct arrival in = {.number = w.number, .ruling = &w.ruling};
    receive(&in, w.octets, w.length);
    free(w.octets);
  }
  o.released.count = 0;
}
static void begin(uint64_t now) {
  a.result_count = a.output_count = a.octet_count = 0;
  o.now = now;
  end_datagrams(&o.way[INBOUND]);
  end_datagrams(&o.way[OUTBOUND]);
  decide_released();
}

static void receive_tunnelled(struct arrival *in) {
  struct ip outer = in->p;
  in->sender = host_at(outer.source);
  if (is_fragment(&outer)) return drop(in, FRAGMENT_INVALID, 0); /* O2 */
  if (outer.protocol == ICMP) return relay_tunnel_error(in);
  if (outer.protocol != IPIP) return drop(in, UNSUPPORTED_PROTOCOL, 0); /* O3 */
  if (!in->sender) return drop(in, TUNNEL_UNKNOWN_HOST, 0); /* O4 */
  if (!is_active(in->sender)) return drop(in, HOST_SUSPENDED, 0); /* O5 */
  int why = read_ip(outer.payload, outer.size, &in->p); /* O6 */
  if (why != OK) return drop(in, why, 0);
  if (!is_sound(in->p.at, HEADER)) return drop(in, MALFORMED, 0); /* P5 */
  in->tos = in->p.tos;
  in->outer_tos = outer.tos;
  if (in->p.source != o.c.external) return drop(in, SOURCE_NOT_EXTERNAL, 0); /* O7 */
  if (in->p.destination == o.c.external) { /* O8 */
    if (!o.c.hairpin) return drop(in, HAIRPIN_DISABLED, 0);
  } else if (is_forbidden(in->p.destination)) return drop(in, DESTINATION_FORBIDDEN, 0); /* O9 */
  receive_from_host(in);
}

static void receive(struct arrival *in, const uint8_t *packet, uint32_t length) {
  int why = read_ip(packet, length, &in->p);
  if (why != OK) {
    /* Whose it was can be told all the same. */
    if (length >= HEADER && packet[0] >> 4 == 4 && get32(packet + 16) == o.c.endpoint) {
      in->direction = OUTBOUND;
      in->sender = host_at(get32(packet + 12));
    }
    return drop(in, why, 0);
  }
  in->received = in->p;
  in->tos = in->p.tos;
  if (in->p.destination == o.c.endpoint) {
    in->direction = OUTBOUND;
    receive_tunnelled(in);
  } else if (in->p.destination != o.c.external) drop(in, DESTINATION_FORBIDDEN, 0); /* I1 */
  else if (!may_be_source(in->p.source)) drop(in, MALFORMED, 0); /* I2 */
  else receive_inbound(in);
}

const struct answer *oracle_decide(
  uint32_t number, const uint8_t *packet, uint32_t length, uint64_t now) {
  struct arrival in = {.number = number};
  begin(now);
  receive(&in, packet, length);
  decide_released();
  return &a;
}

const struct answer *oracle_sweep(uint64_t now) {
  begin(now);
  forget_the_dead();
  return &a;
}

static void forget_fragments(struct way *way) {
  while (way->datagrams.count) forget_datagram(way, way->datagrams.at[0]);
}

void oracle_configure(const struct configuration *configuration) {
  forget_fragments(&o.way[INBOUND]);
  forget_fragments(&o.way[OUTBOUND]);
  memset(o.host, 0, sizeof o.host);
  memset(o.slot, 0, sizeof o.slot);
  memset(o.block, 0, sizeof o.block);
  o.known.count = o.rows.count = o.revocations.count = o.claims.count = 0;
  o.ike.count = o.spis.count = 0;
  o.beginners.count = o.errors_in.count = o.errors_out.count = 0;
  o.answers = o.errors = 0;
  o.c = *configuration;
}

#define REMOVE_ALL(list, condition) do { \
  unsigned kept_ = 0; \
  for (unsigned i = 0; i < (list).count; i++) \
    if (!(condition)) (list).at[kept_++] = (list).at[i]; \
  (list).count = kept_; } while (0)

void oracle_change(const struct change *c) {
  switch (c->kind) {
  case SET_HOST:
    if (!o.host[c->host].is_known) ADD(o.known, c->host);
    o.host[c->host].is_known = true;
    o.host[c->host].is_suspended = c->suspended;
    o.host[c->host].inside = c->address;
    break;
  case REMOVE_HOST:
    o.host[c->host] = (struct host){0};
    REMOVE_ALL(o.known, o.known.at[i] == c->host);
    break;
  case SET_SLOT: o.slot[c->slot] = c->host; break;
  case SET_PORTS:
    for (unsigned i = 0; i < c->port_count / 1024u; i++)
      o.block[c->first_port / 1024 + i] = c->host;
    break;
  case INSERT_ENTRY:
    ADD(o.rows, (struct row){c->entry, c->address, c->spi_in, c->spi_out, c->host, c->protocol});
    break;
  case REMOVE_ENTRY: REMOVE_ALL(o.rows, o.rows.at[i].id == c->entry); break;
  case INSERT_REVOCATION:
    ADD(o.revocations, (struct revocation){c->address, c->prefix_length, c->host});
    break;
  case REMOVE_REVOCATION:
    REMOVE_ALL(o.revocations, o.revocations.at[i].address == c->address
      && o.revocations.at[i].length == c->prefix_length && o.revocations.at[i].host == c->host);
    break;
  case SET_CLAIM:
    REMOVE_ALL(o.claims, o.claims.at[i].spi == c->spi_in);
    if (c->host) ADD(o.claims, (struct claim){c->spi_in, c->host});
    break;
  }
}

const char *oracle_reason(unsigned reason) {
#define REASON_NAME(name, text) text,
  static const char *const names[] = {REASONS(REASON_NAME)};
#undef REASON_NAME
  return reason < COUNT(names) ? names[reason] : "-";
}
