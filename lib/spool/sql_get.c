/* One row of integers from a statement. */
#include "spool/sql.h"

int
sql_get(struct sql *sql, enum sql_statement which, const int64_t *values,
    size_t count, int64_t *out, int columns)
{
	int result = sql_first(sql, which, values, count);

	if (result != 1)
		return result;
	for (int i = 0; i < columns; i++)
		out[i] = sql_integer(sql, which, i);
	sql_done(sql, which);
	return 1;
}
