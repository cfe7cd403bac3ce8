/* What became of a connection to SQLite, as its users ask. */
#include "spool/sql_internal.h"

bool
is_sql_broken(const struct sql *sql)
{
	return sql->is_broken;
}

bool
is_sql_full(struct sql *sql)
{
	bool is_full = sql->is_full;

	sql->is_full = false;
	return is_full;
}

void
sql_break(struct sql *sql)
{
	sql->is_broken = true;
}

const char *
sql_path(const struct sql *sql)
{
	return sql->path;
}

int
sql_wal_frames(const struct sql *sql)
{
	return sql->frames;
}
