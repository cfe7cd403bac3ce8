/* The tables and views of index.db; mq-spool(5) explains them. */
#ifndef SPOOL_SCHEMA_H
#define SPOOL_SCHEMA_H

#include "spool/sql.h"

/* PRAGMA user_version and application_id ("mqix") of the files we write. */
enum { SCHEMA_VERSION = 4, SCHEMA_APPLICATION = 0x6d716978 };

/* Makes tables and views in an empty database, recognises those of ours. */
int schema_check(struct sql *sql, bool read_only);

/* States of a row of `range`. Invariants: `until` is set exactly for LEASED,
 * HELD and DELAYED; the ranges of a sub do not overlap, and lie in [start,
 * next). */
enum range_state {
	RANGE_READY = 0,   /* was leased or delayed, may be taken again */
	RANGE_LEASED = 1,  /* until its deadline, whoever lives */
	RANGE_HELD = 2,    /* until its deadline or the end of its session */
	RANGE_DELAYED = 3, /* released, not before `until` */
	RANGE_SETTLED = 4,
	RANGE_PARKED = 5,  /* ORDER_KEY: its key has an earlier message */
};

#endif
