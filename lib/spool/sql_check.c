/* SQLite's own check of the index. */
#include "spool/sql.h"


int
sql_check(struct sql *sql, void (*report)(const char *text, void *context),
    void *context)
{
	int result = sql_first(sql, SQL_CHECK, SQL_NO_VALUES);
	int count = 0;

	while (result == 1) {
		struct buf text = {0};

		buf_append_slice(&text, sql_bytes(sql, SQL_CHECK, 0));
		if (!slice_equal(buf_slice(&text), slice_of("ok"))) {
			count++;
			if (report != NULL)
				report(buf_text(&text), context);
		}
		buf_release(&text);
		result = sql_next(sql, SQL_CHECK);
	}
	return result < 0 ? result : count;
}
