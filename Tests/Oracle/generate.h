/* Makes configurations, table changes and packets from a seed (README.md, "The generator"). */
#ifndef GENERATE_H
#define GENERATE_H

#include "oracle.h"

/* What a record of the stream is; the first octet of its header. */
enum record_kind {
  RECORD_CONFIGURATION = 'C', RECORD_CHANGE = 'T', RECORD_PACKET = 'P', RECORD_SWEEP = 'S',
  RECORD_FLUSH = 'F',
};

struct record {
  enum record_kind kind;
  struct change change;   /* RECORD_CHANGE */
  uint64_t now;           /* RECORD_PACKET, RECORD_SWEEP */
  const uint8_t *octets;  /* RECORD_PACKET; valid until the next call */
  uint32_t length;
};

/* Begins a world: one configuration with the changes and packets that follow from its seed. */
const struct configuration *generate_world(uint64_t seed);
/* The next record of the world; never a configuration, without end. */
void generate_next(struct record *record);
/* The name of what the world dwells on. */
const char *generate_focus(void);

#endif
