/* What a connection holds; only sql*.c look into it. */
#ifndef SPOOL_SQL_INTERNAL_H
#define SPOOL_SQL_INTERNAL_H

#include "spool/sql.h"

struct sql {
	struct sqlite3 *db;
	struct sqlite3_stmt *statements[SQL_STATEMENT_COUNT];
	int frames;
	int64_t wal_bytes;
	int bind_result; /* of the statement that is being bound */
	bool is_broken;
	bool is_full;
	bool is_writing;
	char *path;
};

#endif
