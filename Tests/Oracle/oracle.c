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
  enum { TO_HOST, TO_ASSOCIATION, TO_RESPONDER, TO_ROUTER, TO_NOBODY } kind;
  uint16_t host;
  uint32_t spi;        /* TO_ASSOCIATION */
  uint8_t protocol;
  uint64_t ike_spi;    /* found in the learned table, 0 otherwise */
  bool is_error;       /* an ICMP error */
};
struct use { /* what a host does by a packet */
  bool is_keepalive, is_error;
  uint64_t ike_spi;    /* to be learned, 0 otherwise */
  uint8_t protocol;    /* ESP or AH whose SPI is to be learned, 0 otherwise */
  uint32_t spi;
};
struct host { bool is_known, is_suspended; uint32_t inside; uint64_t relayed; };
struct row { uint32_t id, address, spi_in, spi_out; uint16_t host; uint8_t protocol; };
struct revocation { uint32_t address, length; uint16_t host; };
struct claim { uint32_t spi; uint16_t host; };
struct learned { uint32_t peer; uint64_t spi; uint8_t protocol; uint16_t host; uint64_t last; };
struct limiter { uint32_t source; uint64_t full; };
struct waiting {
  uint32_t number, length;
  enum direction direction;
  uint16_t sender;
  uint8_t outer_tos, *octets;
};
struct range { uint32_t start, end; bool is_last; };
struct datagram {
  bool is_inbound; uint16_t from; uint32_t source, destination; uint8_t protocol; uint16_t id;
  enum { UNDECIDED, REFUSED, ACCEPTED } state;
  int reason; struct owner owner; struct use use;
  uint64_t deadline; uint32_t end; /* 0 = not known yet */
  unsigned ranges; struct range range[DATAGRAM_FRAGMENTS];
  unsigned waits; struct waiting waiting[DATAGRAM_FRAGMENTS];
};
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

static struct {
  struct configuration c;
  unsigned features;
  struct host host[65536];
  uint16_t slot[65536], block[64];
  LIST(uint16_t) known; /* hosts */
  LIST(struct row) rows;
  LIST(struct revocation) revocations;
  LIST(struct claim) claims;
  LIST(struct learned) ike;
  LIST(struct learned) spis;
  LIST(struct limiter) sources;
  LIST(struct datagram *) datagrams;
  LIST(struct waiting) timed_out;
  uint64_t answers, errors, now;
} o;

static struct answer a;
static unsigned result_room, output_room, octet_room;

static bool has(enum feature feature) { return o.features & feature; }
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
static bool does_hairpin(void) { return has(FEATURE_HAIRPIN) && o.c.hairpin; }
/* Where a host's packet can have gone to. */
static bool may_be_peer(uint32_t address) {
  return address == o.c.external ? does_hairpin() : !is_forbidden(address);
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
  for (unsigned i = 0; has(FEATURE_CLAIMED_SPIS) && i < o.claims.count; i++)
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

/* README.md, "What is learned": IKE SPIs live while used or while the host has a row for the peer;
   outbound SPIs while used and the host has a row for the peer and protocol. */
static bool lives(const struct learned *l) {
  bool is_used = o.now - l->last < LEARNED_SECONDS * SECOND, is_peer;
  is_peer = o.host[l->host].is_known && has_row(l->host, l->peer, l->protocol);
  if (!o.host[l->host].is_known) return false;
  return l->protocol ? is_used && is_peer : is_used || is_peer;
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
static bool has_room_for_ike(uint16_t host) {
  unsigned own = 0;
  forget_the_dead();
  for (unsigned i = 0; i < o.ike.count; i++) own += o.ike.at[i].host == host;
  return o.ike.count < LEARNED_IKE && own < LEARNED_IKE_PER_HOST;
}
static void touch_ike(uint16_t host, uint32_t peer, uint64_t spi) {
  struct learned *l = learned_ike(peer, spi);
  if (l && l->host == host) l->last = o.now;
  else if (!l) ADD(o.ike, (struct learned){peer, spi, 0, host, o.now});
}
/* The first owner keeps an SPI; without room nothing is learned. */
static void touch_spi(uint16_t host, uint32_t peer, uint8_t protocol, uint32_t spi) {
  struct learned *l = learned_spi(peer, protocol, spi);
  unsigned own = 0;
  if (l && l->host == host) l->last = o.now;
  if (l || !has_row(host, peer, protocol)) return;
  forget_the_dead();
  for (unsigned i = 0; i < o.spis.count; i++) own += o.spis.at[i].host == host;
  if (o.spis.count < OUTBOUND_SPIS && own < OUTBOUND_SPIS_PER_HOST)
    ADD(o.spis, (struct learned){peer, spi, protocol, host, o.now});
}
/* (peer, protocol, outbound SPI) -> host: declared with a validation, else learned. */
static uint16_t owner_of_outbound_spi(uint32_t peer, uint8_t protocol, uint32_t spi) {
  for (unsigned i = 0; i < o.rows.count; i++) {
    struct row *r = &o.rows.at[i];
    if (spi && r->address == peer && r->spi_out == spi
        && (!r->protocol || r->protocol == protocol)) return r->host;
  }
  struct learned *l = learned_spi(peer, protocol, spi);
  return l ? l->host : 0;
}

/* Part: reading headers */

struct ip {
  const uint8_t *at, *payload;
  unsigned total, size /* of the payload */, tos, id, ttl, protocol, offset /* in octets */;
  bool dont_fragment, more;
  uint32_t source, destination;
};
static bool is_fragment(const struct ip *p) { return p->more || p->offset; }

/* P1-P5: RFC 1812, section 5.2.2. Octets after the total length are not the packet's. */
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
  if (header < HEADER || p->total < header || p->total > length) return MALFORMED;
  if (has(FEATURE_HEADER_CHECKSUM) && !is_sound(at, header)) return MALFORMED;
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
  if (length < UDP_HEADER || (length > p->size && !is_fragment(p))) return -1;
  return least(length, p->size) - UDP_HEADER;
}

/* What an ICMP error quotes. */
struct quote { struct ip ip; const uint8_t *data; unsigned size; };
/* E3: RFC 792, and RFC 5508, section 4.2 (requirement 3). */
static int read_quote(const uint8_t *at, unsigned length, struct quote *q) {
  if (length < HEADER || at[0] >> 4 != 4) return MALFORMED;
  if (read_ip(at, length, &q->ip) == MALFORMED) {
    /* Less may be there than the quoted packet had. */
    unsigned header = (at[0] & 15) * 4;
    if (header < HEADER || header > length || !is_sound(at, header)) return MALFORMED;
    if (q->ip.total < header) return MALFORMED;
  }
  q->data = q->ip.payload;
  q->size = least(length, q->ip.total) - (q->ip.payload - at);
  return q->size < 8 ? MALFORMED : OK;
}

/* Part: inbound, who gets it (3.1) */

static int owner_of_ike(const struct ip *p, const uint8_t *ike, struct owner *w) {
  uint64_t own[2];
  unsigned count = own_ike_spis(ike, false, own);
  if (count == 0) return MALFORMED;
  for (unsigned i = 0; i < count; i++)
    if ((w->host = owner_of_label(own[i]))) return OK;
  for (unsigned i = 0; has(FEATURE_LEARNED_IKE) && i < count; i++) {
    struct learned *l = learned_ike(p->source, own[i]);
    if (!l) continue;
    w->host = l->host;
    w->ike_spi = own[i];
    return OK;
  }
  if (get64(ike + 8) != 0 || !o.host[o.c.responder].is_known) return IKE_NO_OWNER;
  w->kind = TO_RESPONDER;
  w->host = o.c.responder;
  return OK;
}

static int owner_of_association(uint8_t protocol, uint32_t spi, struct owner *w) {
  if (spi < 256) return SPI_RESERVED;
  *w = (struct owner){TO_ASSOCIATION, owner_of_spi(spi), spi, protocol};
  return w->host ? OK : SPI_NOT_LEASED;
}

static int owner_of_udp(const struct ip *p, int is_short, struct owner *w) {
  int size = udp_size(p);
  if (size < 0) return p->size < UDP_HEADER ? is_short : MALFORMED;
  unsigned port = get16(p->payload + 2);
  const uint8_t *data = p->payload + UDP_HEADER;
  if (port != IKE_PORT && port != NAT_PORT)
    return (w->host = owner_of_port(port)) ? OK : PORT_NOT_LEASED;
  switch (read_carrier(port, &data, size, IKE_HEADER, ESP_HEADER)) {
  case IS_SHORT: return is_short;
  case IS_KEEPALIVE: w->kind = TO_NOBODY; return is_fragment(p) ? FRAGMENT_INVALID : OK;
  case IS_ESP: return owner_of_association(ESP, get32(data), w);
  case IS_IKE: return owner_of_ike(p, data, w);
  }
  return MALFORMED;
}

/* E4, E5: the host that sent what an error from outside quotes. */
static int owner_of_quoted(const struct quote *q, struct owner *w) {
  const uint8_t *data = q->data;
  uint64_t own[2];
  unsigned count;
  if (q->ip.source != o.c.external || q->ip.offset || !may_be_peer(q->ip.destination))
    return ICMP_NO_OWNER;
  uint32_t peer = q->ip.destination;
  switch (q->ip.protocol) {
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
    switch (read_carrier(get16(q->data), &data, q->size - UDP_HEADER, IKE_QUOTED, 4)) {
    case IS_ESP: w->host = owner_of_outbound_spi(peer, ESP, get32(data)); break;
    case IS_IKE:
      count = own_ike_spis(data, true, own);
      for (unsigned i = 0; i < count && !w->host; i++) w->host = owner_of_label(own[i]);
      for (unsigned i = 0; has(FEATURE_LEARNED_IKE) && i < count && !w->host; i++) {
        struct learned *l = learned_ike(peer, own[i]);
        if (l) w->host = l->host;
      }
      if (!w->host && count && is_early_answer(data)) w->host = o.c.responder;
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

static int owner_of_icmp(const struct ip *p, int is_short, struct owner *w) {
  if (p->size < ICMP_HEADER) return is_short;
  unsigned type = p->payload[0];
  if (type == 8) {
    if (p->payload[1] != 0) return UNSUPPORTED_PROTOCOL; /* RFC 792: an echo's code is 0 */
    w->kind = TO_ROUTER;
    return is_fragment(p) ? FRAGMENT_INVALID : OK;
  }
  if (type == 0 || type == 14)
    return (w->host = owner_of_port(get16(p->payload + 4))) ? OK : ICMP_NO_OWNER;
  if (!is_error(type)) return UNSUPPORTED_PROTOCOL;
  if (!has(FEATURE_ICMP_ERRORS)) return ICMP_NO_OWNER;
  if (is_fragment(p)) return FRAGMENT_INVALID; /* E1 */
  if (!is_sound(p->payload, p->size)) return MALFORMED; /* E2 */
  struct quote q;
  int why = read_quote(p->payload + ICMP_HEADER, p->size - ICMP_HEADER, &q);
  w->is_error = true;
  return why != OK ? why : owner_of_quoted(&q, w);
}

/* I4 */
static int owner_of(const struct ip *p, struct owner *w) {
  int is_short = is_fragment(p) ? FRAGMENT_INVALID : MALFORMED;
  *w = (struct owner){TO_HOST};
  switch (p->protocol) {
  case ESP:
    return p->size < ESP_HEADER ? is_short : owner_of_association(ESP, get32(p->payload), w);
  case AH:
    if (p->size < AH_HEADER) return is_short;
    unsigned length = (p->payload[1] + 2) * 4;
    if (length < AH_HEADER || (length > p->size && !is_fragment(p))) return MALFORMED;
    return owner_of_association(AH, get32(p->payload + 4), w);
  case UDP: return owner_of_udp(p, is_short, w);
  case TCP:
    if (p->size < TCP_HEADER) return is_short;
    unsigned offset = (p->payload[12] >> 4) * 4;
    if (offset < TCP_HEADER || (offset > p->size && !is_fragment(p))) return MALFORMED;
    return (w->host = owner_of_port(get16(p->payload + 2))) ? OK : PORT_NOT_LEASED;
  case ICMP: return owner_of_icmp(p, is_short, w);
  default: return UNSUPPORTED_PROTOCOL;
  }
}

/* I5-I7: what holds for each fragment as well. */
static int check_again(const struct ip *p, const struct owner *w) {
  uint32_t found[4];
  if (!is_active(w->host)) return HOST_SUSPENDED;
  if (is_revoked(p->source, w->host)) return ADDRESS_REVOKED;
  if (w->kind == TO_ASSOCIATION && !rows_for(w->host, p->source, w->protocol, w->spi, found))
    return ADDRESS_NOT_VALIDATED;
  return OK;
}

/* I5-I8 */
static int check(const struct ip *p, const struct owner *w) {
  int why = check_again(p, w);
  if (why != OK) return why;
  if (w->kind == TO_RESPONDER) {
    unsigned i = 0;
    while (i < o.sources.count && o.sources.at[i].source != p->source) i++;
    if (i == o.sources.count) ADD(o.sources, (struct limiter){p->source, 0});
    if (!admit(&o.sources.at[i].full, UNSOLICITED_IKE_PER_SECOND, UNSOLICITED_IKE_BURST))
      return IKE_RATE_LIMITED;
  }
  if (w->is_error
      && !admit(&o.host[w->host].relayed, RELAYED_ERRORS_PER_SECOND, RELAYED_ERRORS_BURST))
    return ICMP_RATE_LIMITED;
  return OK;
}

/* Part: outbound, whether the host may send it (3.2) */

static int use_of_ike(const struct ip *p, uint16_t host, const uint8_t *ike, struct use *u) {
  uint64_t own[2];
  unsigned count = own_ike_spis(ike, true, own);
  if (count == 0) return MALFORMED;
  for (unsigned i = 0; i < count; i++)
    if (owner_of_label(own[i]) == host) return OK;
  if (is_early_answer(ike) && host == o.c.responder) return OK;
  if (own[0] == 0) return IKE_SPI_NOT_OWNED;
  for (unsigned i = 0; i < count; i++)
    if (owner_of_label(own[i])) return IKE_SPI_NOT_OWNED;
  if (!has(FEATURE_LEARNED_IKE)) return IKE_SPI_NOT_OWNED;
  struct learned *l = learned_ike(p->destination, own[0]);
  if (l ? l->host != host : !has_room_for_ike(host)) return IKE_SPI_NOT_OWNED;
  u->ike_spi = own[0];
  return OK;
}

static int use_of_udp(const struct ip *p, uint16_t host, int is_short, struct use *u) {
  int size = udp_size(p);
  if (size < 0) return p->size < UDP_HEADER ? is_short : MALFORMED;
  unsigned port = get16(p->payload);
  const uint8_t *data = p->payload + UDP_HEADER;
  if (port != IKE_PORT && port != NAT_PORT)
    return owner_of_port(port) == host ? OK : PORT_NOT_OWNED;
  switch (read_carrier(port, &data, size, IKE_HEADER, ESP_HEADER)) {
  case IS_SHORT: return is_short;
  case IS_KEEPALIVE: u->is_keepalive = true; return is_fragment(p) ? FRAGMENT_INVALID : OK;
  case IS_ESP: u->protocol = ESP; u->spi = get32(data); return OK;
  case IS_IKE: return use_of_ike(p, host, data, u);
  }
  return MALFORMED;
}

/* E4, E5 the other way: the host must be the one that the quoted packet was for. */
static int use_of_quoted(const struct ip *p, uint16_t host, const struct quote *q) {
  const uint8_t *data = q->data;
  uint32_t found[4], spi, peer = q->ip.source;
  uint8_t protocol = q->ip.protocol;
  uint64_t own[2];
  unsigned count, port;
  if (q->ip.destination != o.c.external || q->ip.offset || p->destination != peer)
    return ICMP_NO_OWNER;
  switch (protocol) {
  case TCP: return owner_of_port(get16(data + 2)) == host ? OK : ICMP_NO_OWNER;
  case ICMP:
    if (data[0] != 0 && data[0] != 14) return ICMP_NO_OWNER;
    return owner_of_port(get16(data + 4)) == host ? OK : ICMP_NO_OWNER;
  case UDP:
    port = get16(data + 2);
    if (port != IKE_PORT && port != NAT_PORT)
      return owner_of_port(port) == host ? OK : ICMP_NO_OWNER;
    data += UDP_HEADER;
    switch (read_carrier(port, &data, q->size - UDP_HEADER, IKE_QUOTED, 4)) {
    case IS_IKE:
      count = own_ike_spis(data, false, own);
      for (unsigned i = 0; i < count; i++)
        if (owner_of_label(own[i])) return owner_of_label(own[i]) == host ? OK : ICMP_NO_OWNER;
      for (unsigned i = 0; has(FEATURE_LEARNED_IKE) && i < count; i++) {
        struct learned *l = learned_ike(peer, own[i]);
        if (l) return l->host == host ? OK : ICMP_NO_OWNER;
      }
      return count && get64(data + 8) == 0 && host == o.c.responder ? OK : ICMP_NO_OWNER;
    case IS_ESP: protocol = ESP; spi = get32(data); break;
    default: return ICMP_NO_OWNER;
    }
    break;
  case ESP: spi = get32(data); break;
  case AH: spi = get32(data + 4); break;
  default: return ICMP_NO_OWNER;
  }
  if (spi < 256 || owner_of_spi(spi) != host) return ICMP_NO_OWNER;
  return rows_for(host, peer, protocol, spi, found) ? OK : ADDRESS_NOT_VALIDATED;
}

static int use_of_icmp(const struct ip *p, uint16_t host, int is_short, struct use *u) {
  if (p->size < ICMP_HEADER) return is_short;
  unsigned type = p->payload[0];
  if (type == 0 || type == 8 || type == 13 || type == 14)
    return owner_of_port(get16(p->payload + 4)) == host ? OK : PORT_NOT_OWNED;
  if (!is_error(type)) return UNSUPPORTED_PROTOCOL;
  if (!has(FEATURE_ICMP_ERRORS)) return ICMP_NO_OWNER;
  if (is_fragment(p)) return FRAGMENT_INVALID;
  if (!is_sound(p->payload, p->size)) return MALFORMED;
  struct quote q;
  int why = read_quote(p->payload + ICMP_HEADER, p->size - ICMP_HEADER, &q);
  if (why == OK) why = use_of_quoted(p, host, &q);
  if (why != OK) return why;
  u->is_error = true;
  return admit(&o.host[host].relayed, RELAYED_ERRORS_PER_SECOND, RELAYED_ERRORS_BURST)
    ? OK : ICMP_RATE_LIMITED;
}

/* IPv4, IPv6 and GRE in IP. */
static bool is_tunnel(unsigned protocol) {
  return protocol == IPIP || protocol == 41 || protocol == 47;
}

/* O11 */
static int use_of(const struct ip *p, uint16_t host, struct use *u) {
  int is_short = is_fragment(p) ? FRAGMENT_INVALID : MALFORMED;
  *u = (struct use){0};
  switch (p->protocol) {
  case ESP:
    if (p->size < ESP_HEADER) return is_short;
    u->protocol = ESP;
    u->spi = get32(p->payload);
    return OK;
  case AH:
    if (p->size < AH_HEADER) return is_short;
    unsigned length = (p->payload[1] + 2) * 4;
    if (length < AH_HEADER || (length > p->size && !is_fragment(p))) return MALFORMED;
    u->protocol = AH;
    u->spi = get32(p->payload + 4);
    return OK;
  case UDP: return use_of_udp(p, host, is_short, u);
  case TCP:
    if (p->size < TCP_HEADER) return is_short;
    unsigned offset = (p->payload[12] >> 4) * 4;
    if (offset < TCP_HEADER || (offset > p->size && !is_fragment(p))) return MALFORMED;
    return owner_of_port(get16(p->payload)) == host ? OK : PORT_NOT_OWNED;
  case ICMP: return use_of_icmp(p, host, is_short, u);
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
  struct ip p;
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
/* The header with its ECN merged and its TTL counted, and the checksum made anew. One that came
   wrong stays as wrong as it was (RFC 1624, equation 3); nobody but the kernel may mend it. */
static void write_header(uint8_t *at, const struct arrival *in) {
  memcpy(at, in->p.at, HEADER);
  at[1] = in->tos;
  at[8]--;
  if (is_sound(in->p.at, HEADER)) return seal(at, HEADER, 10);
  uint8_t terms[10];
  set16(terms, ~get16(at + 10));
  set16(terms + 2, ~get16(in->p.at));
  set16(terms + 4, get16(at));
  set16(terms + 6, ~get16(in->p.at + 8));
  set16(terms + 8, get16(at + 8));
  set16(at + 10, ~sum(terms, sizeof terms));
}
/* The rest is untouched. */
static void write_routed(uint8_t *at, const struct arrival *in) {
  write_header(at, in);
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
    write_header(at, in);
    memcpy(at + HEADER, in->p.payload + done, size);
    set16(at + 2, HEADER + size);
    set16(at + 6, (in->p.at[6] & 0x80) << 8 | (in->p.offset + done) / 8
          | (!is_last || in->p.more ? 0x2000 : 0));
    seal(at, HEADER, 10);
  }
}

/* Never about an ICMP error or a fragment that is not the first (RFC 1812, section 4.3.2.7). */
static bool may_tell(const struct ip *p, const uint8_t *payload) {
  if (p->offset || !is_unicast(p->source)) return false;
  if (p->protocol != ICMP) return true;
  unsigned type = payload[0];
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
  if (!may_tell(&in->p, in->p.payload)) return;
  if (!admit(&o.errors, ERRORS_PER_SECOND, ERRORS_BURST)) return;
  unsigned quoted = least(in->p.total, ERROR_LENGTH - HEADER - ICMP_HEADER);
  unsigned length = HEADER + ICMP_HEADER + quoted, start = in->sender ? HEADER : 0;
  uint8_t *at = in->sender ? tunnel_output(length, 0xc0, false, in->sender) : new_output(length);
  uint32_t source = in->sender ? o.c.endpoint : o.c.external;
  write_error(at, type, code, mtu, source, in->p.source, in->p.at, quoted);
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
  bool is_split = is_too_big(in->p.total) && !in->p.dont_fragment && has(FEATURE_SPLIT);
  if (is_too_big(in->p.total) && !is_split) {
    drop(in, TOO_BIG, w->host);
    if (in->p.dont_fragment) tell(in, 3, 4, least(o.c.mtu, 65535 - HEADER));
    return;
  }
  if (w->ike_spi) touch_ike(w->host, in->p.source, w->ike_spi);
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
  uint8_t *at = in->sender ? tunnel_output(p->total, tos, false, in->sender) : new_output(p->total);
  write_ip(at, tos, p->total, p->dont_fragment, ICMP, o.c.external, p->source);
  mask(in->sender ? HEADER : 0);
  memcpy(at + HEADER, p->payload, p->size);
  at[HEADER] = 0;
  seal(at + HEADER, p->size, 2);
}

static void take_fragment(const struct arrival *in, bool is_inbound);

/* I3-I11; also the second half of a hairpin's way. */
static void receive_inbound(const struct arrival *in) {
  struct owner w;
  if (is_fragment(&in->p)) {
    if (!has(FEATURE_FRAGMENTS)) return drop(in, FRAGMENT_INVALID, 0);
    return take_fragment(in, true);
  }
  int why = owner_of(&in->p, &w);
  if (why != OK) return drop(in, why, 0);
  if (w.kind == TO_NOBODY) { conclude(in, CONSUME, OK, 0); return; }
  if (w.kind == TO_ROUTER) return answer_echo(in);
  why = check(&in->p, &w);
  if (why != OK) return drop(in, why, w.host);
  forward_inbound(in, &w);
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

/* O12-O15 */
static void forward_outbound(const struct arrival *in, const struct use *u) {
  uint16_t host = in->sender;
  int ecn = merged_ecn(in->p.tos & 3, in->outer_tos & 3);
  if (ecn < 0) return drop(in, ECN_INVALID, host);
  struct arrival out = *in;
  out.tos = (in->p.tos & 0xfc) | ecn;
  if (in->p.ttl > 1) {
    if (u->ike_spi) touch_ike(host, in->p.destination, u->ike_spi);
    if (u->protocol) touch_spi(host, in->p.destination, u->protocol, u->spi);
  }
  if (in->p.destination == o.c.external) return receive_inbound(&out);
  if (in->p.ttl <= 1) {
    drop(in, TTL_EXPIRED, host);
    tell(in, 11, 0, 0);
    return;
  }
  conclude(in, FORWARD, OK, host);
  write_routed(new_output(in->p.total), &out);
}

/* O10-O15 */
static void receive_from_host(const struct arrival *in) {
  struct use u;
  if (is_fragment(&in->p)) {
    if (!has(FEATURE_FRAGMENTS)) return drop(in, FRAGMENT_INVALID, in->sender);
    return take_fragment(in, false);
  }
  int why = use_of(&in->p, in->sender, &u);
  if (why != OK) return drop(in, why, in->sender);
  if (u.is_keepalive) { conclude(in, CONSUME, OK, in->sender); return; }
  forward_outbound(in, &u);
}

/* T: an error about the packet that goes to a host is told to whoever sent the inner one
   (RFC 2003, section 4). */
static void relay_tunnel_error(const struct arrival *in) {
  const struct ip *p = &in->p;
  struct quote outer, inner;
  if (p->size < ICMP_HEADER) return drop(in, MALFORMED, in->sender);
  unsigned type = p->payload[0], code = p->payload[1], mtu = get16(p->payload + 6);
  if (type != 3 && type != 11) return drop(in, UNSUPPORTED_PROTOCOL, in->sender);
  if (!is_sound(p->payload, p->size)) return drop(in, MALFORMED, in->sender);
  int why = read_quote(p->payload + ICMP_HEADER, p->size - ICMP_HEADER, &outer);
  if (why != OK) return drop(in, why, in->sender);
  uint16_t host = host_at(outer.ip.destination);
  if (outer.ip.source != o.c.endpoint || outer.ip.protocol != IPIP || outer.ip.offset || !host)
    return drop(in, ICMP_NO_OWNER, in->sender);
  why = read_quote(outer.data, outer.size, &inner);
  if (why != OK) return drop(in, why, in->sender);
  if (inner.ip.destination != o.c.external || !may_tell(&inner.ip, inner.data))
    return drop(in, ICMP_NO_OWNER, in->sender);
  if (inner.ip.source == o.c.external || inner.ip.source == o.c.endpoint)
    return drop(in, ICMP_NO_OWNER, in->sender);
  bool is_too_big = type == 3 && code == 4;
  if (is_too_big && (mtu < 68 + HEADER || !inner.ip.dont_fragment))
    return drop(in, ICMP_NO_OWNER, in->sender);
  if (!admit(&o.errors, ERRORS_PER_SECOND, ERRORS_BURST))
    return drop(in, ICMP_RATE_LIMITED, in->sender);
  conclude(in, ANSWER, OK, in->sender);
  unsigned quoted = least(least(outer.size, inner.ip.total), ERROR_LENGTH - HEADER - ICMP_HEADER);
  uint8_t *at = new_output(HEADER + ICMP_HEADER + quoted);
  write_error(at, 3, is_too_big ? 4 : 1, is_too_big ? least(mtu - HEADER, o.c.mtu) : 0,
              o.c.external, inner.ip.source, outer.data, quoted);
  mask(0);
}

/* Part: fragments */

static bool is_of(const struct datagram *d, const struct arrival *in, bool is_inbound) {
  return d->is_inbound == is_inbound && d->from == in->sender && d->source == in->p.source
    && d->destination == in->p.destination && d->protocol == in->p.protocol && d->id == in->p.id;
}
static bool is_same_source(const struct datagram *d, const struct arrival *in) {
  return d->from == in->sender && (in->sender || d->source == in->p.source);
}
static struct datagram *find_datagram(const struct arrival *in, bool is_inbound) {
  for (unsigned i = 0; i < o.datagrams.count; i++)
    if (is_of(o.datagrams.at[i], in, is_inbound)) return o.datagrams.at[i];
  return NULL;
}
static void forget_datagram(struct datagram *d) {
  for (unsigned i = 0; i < o.datagrams.count; i++)
    if (o.datagrams.at[i] == d) { REMOVE(o.datagrams, i); break; }
  for (unsigned i = 0; i < d->waits; i++) free(d->waiting[i].octets);
  free(d);
}
static void end_datagrams(void) {
  for (unsigned i = 0; i < o.datagrams.count;) {
    struct datagram *d = o.datagrams.at[i];
    if (d->deadline > o.now) { i++; continue; }
    for (unsigned k = 0; k < d->waits; k++) {
      struct waiting w = d->waiting[k];
      w.octets = malloc(w.length);
      memcpy(w.octets, d->waiting[k].octets, w.length);
      ADD(o.timed_out, w);
    }
    forget_datagram(d);
  }
}
/* A new datagram, unless the limits forbid. */
static struct datagram *new_datagram(const struct arrival *in, bool is_inbound, bool is_accepted) {
  unsigned own = 0, accepted = 0;
  for (unsigned i = 0; i < o.datagrams.count; i++) {
    own += is_same_source(o.datagrams.at[i], in);
    accepted += o.datagrams.at[i]->state == ACCEPTED;
  }
  if (own >= DATAGRAMS_PER_SOURCE) return NULL;
  if (is_accepted ? accepted >= DATAGRAMS : o.datagrams.count - accepted >= UNDECIDED_DATAGRAMS)
    return NULL;
  struct datagram *d = calloc(1, sizeof *d);
  d->is_inbound = is_inbound;
  d->from = in->sender;
  d->source = in->p.source;
  d->destination = in->p.destination;
  d->protocol = in->p.protocol;
  d->id = in->p.id;
  d->deadline = o.now + FRAGMENT_SECONDS * SECOND;
  ADD(o.datagrams, d);
  return d;
}
static bool has_room_to_wait(const struct arrival *in) {
  unsigned all = 0, own = 0;
  for (unsigned i = 0; i < o.datagrams.count; i++)
    for (unsigned k = 0; k < o.datagrams.at[i]->waits; k++) {
      unsigned length = o.datagrams.at[i]->waiting[k].length;
      all += length;
      if (is_same_source(o.datagrams.at[i], in)) own += length;
    }
  return all + in->p.total <= WAITING_OCTETS && own + in->p.total <= WAITING_OCTETS_PER_SOURCE;
}
static bool has_room_for_host(uint16_t host) {
  unsigned all = 0, own = 0;
  for (unsigned i = 0; i < o.datagrams.count; i++) {
    struct datagram *d = o.datagrams.at[i];
    all += d->state == ACCEPTED;
    own += d->state == ACCEPTED && (d->from ? d->from : d->owner.host) == host;
  }
  return all < DATAGRAMS && own < DATAGRAMS_PER_HOST;
}

enum fit { FITS, REPEATS, CLASHES };
/* F4: RFC 5722 for IPv4; only an exact repetition may be an honest network's doing. */
static enum fit fit_of(const struct datagram *d, struct range new) {
  for (unsigned i = 0; i < d->ranges; i++) {
    struct range old = d->range[i];
    if (old.start == new.start && old.end == new.end && old.is_last == new.is_last) return REPEATS;
  }
  if (d->end && (new.end > d->end || (new.is_last && new.end != d->end))) return CLASHES;
  for (unsigned i = 0; i < d->ranges; i++) {
    struct range old = d->range[i];
    if (new.start < old.end && old.start < new.end) return CLASHES;
    if (new.is_last && old.end > new.end) return CLASHES;
  }
  return FITS;
}
static void add_range(struct datagram *d, struct range new) {
  d->range[d->ranges++] = new;
  if (new.is_last) d->end = new.end;
}
static bool is_complete(const struct datagram *d) {
  unsigned have = 0;
  for (unsigned i = 0; i < d->ranges; i++) have += d->range[i].end - d->range[i].start;
  return d->end && have == d->end;
}

/* F7: a fragment follows its first. */
static void follow(const struct datagram *d, const struct arrival *in) {
  if (!d->is_inbound) return forward_outbound(in, &(struct use){0});
  struct owner w = d->owner;
  w.ike_spi = 0;
  int why = check_again(&in->p, &w);
  if (why != OK) return drop(in, why, w.host);
  forward_inbound(in, &w);
}

/* Those that waited, in the order in which they came. */
static void release(struct datagram *d, const struct arrival *first) {
  unsigned waits = d->waits;
  struct waiting waiting[DATAGRAM_FRAGMENTS];
  memcpy(waiting, d->waiting, sizeof waiting);
  d->waits = 0;
  for (unsigned i = 0; i < waits; i++) {
    struct arrival in = *first;
    in.number = waiting[i].number;
    in.outer_tos = waiting[i].outer_tos;
    read_ip(waiting[i].octets, waiting[i].length, &in.p);
    in.tos = in.p.tos;
    if (d->state == REFUSED) drop(&in, d->reason, d->is_inbound ? d->owner.host : 0);
    else follow(d, &in);
    free(waiting[i].octets);
  }
}
static void refuse(struct datagram *d, int reason, const struct arrival *in) {
  d->state = REFUSED;
  d->reason = reason;
  release(d, in);
}

static int decide_first(const struct arrival *in, bool is_inbound, struct owner *w, struct use *u) {
  *w = (struct owner){0};
  *u = (struct use){0};
  if (!is_inbound) {
    w->host = in->sender;
    return use_of(&in->p, in->sender, u);
  }
  int why = owner_of(&in->p, w);
  if (why != OK) { w->host = 0; return why; }
  return check(&in->p, w);
}

/* F6 */
static void take_first(struct datagram *d, const struct arrival *in, bool is_inbound,
                       struct range range) {
  struct owner w;
  struct use u;
  int why = decide_first(in, is_inbound, &w, &u);
  if (why != OK) {
    drop(in, why, w.host);
    if (!d) d = new_datagram(in, is_inbound, false);
    if (!d) return;
    d->owner = w;
    return refuse(d, why, in);
  }
  if (!has_room_for_host(in->sender ? in->sender : w.host))
    return drop(in, FRAGMENT_OVERFLOW, w.host);
  if (!d) d = new_datagram(in, is_inbound, true);
  if (!d) return drop(in, FRAGMENT_OVERFLOW, w.host);
  d->state = ACCEPTED;
  d->owner = w;
  add_range(d, range);
  if (is_inbound) forward_inbound(in, &w);
  else forward_outbound(in, &u);
  release(d, in);
  if (is_complete(d)) forget_datagram(d);
}

/* F8 */
static void wait_for_first(struct datagram *d, const struct arrival *in, bool is_inbound,
                           struct range range) {
  if (is_inbound && is_revoked(in->p.source, 0)) return drop(in, ADDRESS_REVOKED, 0);
  if (!has_room_to_wait(in)) return drop(in, FRAGMENT_OVERFLOW, 0);
  if (!d) d = new_datagram(in, is_inbound, false);
  if (!d) return drop(in, FRAGMENT_OVERFLOW, 0);
  add_range(d, range);
  struct waiting w = {
    in->number, in->p.total, in->direction, in->sender, in->outer_tos, malloc(in->p.total)};
  memcpy(w.octets, in->p.at, in->p.total);
  w.octets[1] = in->tos;
  seal(w.octets, HEADER, 10);
  d->waiting[d->waits++] = w;
  conclude(in, HOLD, OK, 0);
}

static void take_fragment(const struct arrival *in, bool is_inbound) {
  const struct ip *p = &in->p;
  struct range range = {p->offset, p->offset + p->size, !p->more};
  if (is_tunnel(p->protocol) && !is_inbound) return drop(in, TUNNEL_NESTED, 0); /* F1 */
  if (p->protocol != ESP && p->protocol != AH && p->protocol != UDP && p->protocol != TCP
      && p->protocol != ICMP) return drop(in, UNSUPPORTED_PROTOCOL, 0);
  if (p->size == 0 || (p->more && p->size % 8) || range.end > 65535 - HEADER /* F2 */
      || (p->protocol == TCP && p->offset == 8)) /* RFC 1858, section 3.2.2; RFC 3128 */
    return drop(in, FRAGMENT_INVALID, 0);
  struct datagram *d = find_datagram(in, is_inbound);
  if (d && d->state == REFUSED) /* F3 */
    return drop(in, d->reason, d->owner.host);
  if (d) switch (fit_of(d, range)) { /* F4 */
    case REPEATS: return drop(in, FRAGMENT_INVALID, d->owner.host);
    case CLASHES:
      drop(in, FRAGMENT_INVALID, d->owner.host);
      return refuse(d, FRAGMENT_INVALID, in);
    case FITS: break;
  }
  if (d && d->ranges == DATAGRAM_FRAGMENTS) /* F5 */
    return drop(in, FRAGMENT_OVERFLOW, d->owner.host);
  if (p->offset == 0) return take_first(d, in, is_inbound, range);
  if (!d || d->state == UNDECIDED) return wait_for_first(d, in, is_inbound, range);
  if (!d->is_inbound || check_again(p, &d->owner) == OK) add_range(d, range);
  follow(d, in);
  if (is_complete(d)) forget_datagram(d);
}

/* Part: the beginning */

static void begin(uint64_t now) {
  a.result_count = a.output_count = a.octet_count = 0;
  o.now = now;
  end_datagrams();
}

static void receive_tunnelled(struct arrival *in) {
  struct ip outer = in->p;
  in->sender = host_at(outer.source);
  if (is_fragment(&outer)) return drop(in, FRAGMENT_INVALID, 0); /* O2 */
  if (outer.protocol == ICMP && has(FEATURE_TUNNEL_ICMP)) return relay_tunnel_error(in);
  if (outer.protocol != IPIP) return drop(in, UNSUPPORTED_PROTOCOL, 0); /* O3 */
  if (!in->sender) return drop(in, TUNNEL_UNKNOWN_HOST, 0); /* O4 */
  if (!is_active(in->sender)) return drop(in, HOST_SUSPENDED, 0); /* O5 */
  int why = read_ip(outer.payload, outer.size, &in->p); /* O6 */
  if (why != OK) return drop(in, why, 0);
  in->tos = in->p.tos;
  in->outer_tos = outer.tos;
  if (in->p.source != o.c.external) return drop(in, SOURCE_NOT_EXTERNAL, 0); /* O7 */
  if (in->p.destination == o.c.external) { /* O8 */
    if (!does_hairpin()) return drop(in, HAIRPIN_DISABLED, 0);
  } else if (is_forbidden(in->p.destination)) return drop(in, DESTINATION_FORBIDDEN, 0); /* O9 */
  receive_from_host(in);
}

const struct answer *oracle_decide(
  uint32_t number, const uint8_t *packet, uint32_t length, uint64_t now) {
  struct arrival in = {.number = number};
  begin(now);
  int why = read_ip(packet, length, &in.p);
  if (why != OK) {
    /* Whose it was can be told all the same. */
    if (length >= HEADER && packet[0] >> 4 == 4 && get32(packet + 16) == o.c.endpoint) {
      in.direction = OUTBOUND;
      in.sender = host_at(get32(packet + 12));
    }
    drop(&in, why, 0);
    return &a;
  }
  in.tos = in.p.tos;
  if (in.p.destination == o.c.endpoint) {
    in.direction = OUTBOUND;
    receive_tunnelled(&in);
  } else if (in.p.destination != o.c.external) drop(&in, DESTINATION_FORBIDDEN, 0); /* I1 */
  else if (!is_unicast(in.p.source) || in.p.source == o.c.external
           || in.p.source == o.c.endpoint) drop(&in, MALFORMED, 0); /* I2 */
  else receive_inbound(&in);
  return &a;
}

static int by_number(const void *left, const void *right) {
  uint32_t l = ((const struct result *)left)->packet, r = ((const struct result *)right)->packet;
  return (l > r) - (l < r);
}

const struct answer *oracle_sweep(uint64_t now) {
  begin(now);
  forget_the_dead();
  for (unsigned i = 0; i < o.timed_out.count; i++) {
    struct waiting w = o.timed_out.at[i];
    struct arrival in = {.number = w.number, .direction = w.direction, .sender = w.sender};
    free(w.octets);
    drop(&in, FRAGMENT_TIMEOUT, 0);
  }
  o.timed_out.count = 0;
  if (a.result_count) qsort(a.results, a.result_count, sizeof *a.results, by_number);
  return &a;
}

void oracle_configure(const struct configuration *configuration, unsigned features) {
  while (o.datagrams.count) forget_datagram(o.datagrams.at[0]);
  for (unsigned i = 0; i < o.timed_out.count; i++) free(o.timed_out.at[i].octets);
  memset(o.host, 0, sizeof o.host);
  memset(o.slot, 0, sizeof o.slot);
  memset(o.block, 0, sizeof o.block);
  o.known.count = o.rows.count = o.revocations.count = o.claims.count = 0;
  o.ike.count = o.spis.count = o.sources.count = o.timed_out.count = 0;
  o.answers = o.errors = 0;
  o.c = *configuration;
  o.features = features;
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
