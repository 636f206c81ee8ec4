/* What the data path has to do with every packet (see README.md and section 3 of the design). */
#ifndef ORACLE_H
#define ORACLE_H

#include <stdbool.h>
#include <stdint.h>

/* README.md, "Limits". Times are nanoseconds. */
#define SECOND 1000000000ull
enum limits {
  ANSWERS_PER_SECOND = 1000, ANSWERS_BURST = 100,
  ERRORS_PER_SECOND = 1000, ERRORS_BURST = 50,
  UNSOLICITED_IKE_PER_SECOND = 1, UNSOLICITED_IKE_BURST = 10, /* each source */
  PASSED_ERRORS_PER_SECOND = 100, PASSED_ERRORS_BURST = 100, /* each source, each host */
  FRAGMENT_SECONDS = 15, WHOLE_SECONDS = 1,
  DATAGRAMS = 4096, REFUSED_DATAGRAMS = 1024, DATAGRAMS_OF_ONE = 512,
  CHUNK = 2048, CHUNKS = 1024, CHUNKS_OF_ONE = 128,
  SOURCE_ACCOUNTS = 4096, UNITS = 8192,
  LEARNED_UNIT = 1 << 20, LEARNED_GRAIN = 1 << 10, LEARNED_SECONDS = 600,
  LEARNED_IKE = 16384, LEARNED_IKE_PER_HOST = 1024,
  OUTBOUND_SPIS = 65536, OUTBOUND_SPIS_PER_HOST = 4096,
  ERROR_LENGTH = 576, /* of an ICMP error, at most (RFC 1812, section 4.3.2.3) */
};

/* The contract's drop reasons, in its order. */
#define REASONS(_) \
  _(MALFORMED, "malformed") _(IP_OPTIONS, "ip-options") \
  _(UNSUPPORTED_PROTOCOL, "unsupported-protocol") _(SPI_RESERVED, "spi-reserved") \
  _(SPI_NOT_LEASED, "spi-not-leased") _(ADDRESS_NOT_VALIDATED, "address-not-validated") \
  _(ADDRESS_REVOKED, "address-revoked") _(HOST_SUSPENDED, "host-suspended") \
  _(IKE_NO_OWNER, "ike-no-owner") _(IKE_RATE_LIMITED, "ike-rate-limited") \
  _(PORT_NOT_LEASED, "port-not-leased") _(ICMP_NO_OWNER, "icmp-no-owner") \
  _(ICMP_RATE_LIMITED, "icmp-rate-limited") _(FRAGMENT_INVALID, "fragment-invalid") \
  _(FRAGMENT_TIMEOUT, "fragment-timeout") _(FRAGMENT_OVERFLOW, "fragment-overflow") \
  _(TTL_EXPIRED, "ttl-expired") _(TOO_BIG, "too-big") \
  _(TUNNEL_UNKNOWN_HOST, "tunnel-unknown-host") _(TUNNEL_NESTED, "tunnel-nested") \
  _(SOURCE_NOT_EXTERNAL, "source-not-external") _(DESTINATION_FORBIDDEN, "destination-forbidden") \
  _(PORT_NOT_OWNED, "port-not-owned") _(IKE_SPI_NOT_OWNED, "ike-spi-not-owned") \
  _(ECN_INVALID, "ecn-invalid") _(HAIRPIN_DISABLED, "hairpin-disabled") \
  _(WRITE_FAILED, "write-failed")
#define REASON_NUMBER(name, text) name,
enum reason { REASONS(REASON_NUMBER) REASON_COUNT, NO_REASON = 255 };
#undef REASON_NUMBER

enum verdict { FORWARD, ANSWER, CONSUME, DROP, HOLD };
enum direction { INBOUND, OUTBOUND };

struct prefix { uint32_t address, length; };

struct configuration {
  uint32_t external, endpoint, mtu;
  uint16_t responder; /* 0 = none */
  uint8_t hairpin, inside_count;
  struct prefix inside[4];
};

enum change_kind {
  SET_HOST = 1, REMOVE_HOST, SET_SLOT, SET_PORTS, INSERT_ENTRY, REMOVE_ENTRY, INSERT_REVOCATION,
  REMOVE_REVOCATION, SET_CLAIM,
};

/* One change to what the data path reads; the octets of a change record in the stream. */
struct change {
  uint8_t kind, protocol /* 0, 50, 51 */, suspended, prefix_length;
  uint16_t host /* 0 = none, all */, slot, first_port, port_count;
  uint32_t entry, address, spi_in /* 0 = any */, spi_out /* 0 = unknown */;
};

/* Octets to write. At each masked offset begins an IPv4 header whose identification is the
   router's own choice, and so is its checksum then. */
struct output { uint32_t start, length, masks, masked[2]; };

/* What became of one packet. */
struct result {
  uint32_t packet;
  uint8_t verdict, reason, direction;
  uint16_t host; /* 0 = none known */
  uint32_t entries, entry[4]; /* rows that admitted it, the one to be counted first */
  uint32_t first_output, outputs;
};

/* What became of a packet and of those that waited for it. Valid until the next call. */
struct answer {
  struct result *results;
  struct output *outputs;
  uint8_t *octets;
  uint32_t result_count, output_count, octet_count;
};

/* Starts anew. */
void oracle_configure(const struct configuration *configuration);
void oracle_change(const struct change *change);
const struct answer *oracle_decide(
  uint32_t number, const uint8_t *packet, uint32_t length, uint64_t now);
/* Ends what ended before now. */
const struct answer *oracle_sweep(uint64_t now);
const char *oracle_reason(unsigned reason);

#endif
