/* A condition of mq-stat --check, on a row of its table. */
#ifndef CMD_CONDITION_H
#define CMD_CONDITION_H

#include "summary.h"

/* A condition like "lag<1000": a field, one of < <= > >= = !=, and a count, a
 * size or a duration as the field has it. */
struct condition {
	const char *text; /* from the sign on */
	size_t field;
	size_t comparison;
	int64_t value;
};
int condition_parse(const char *text, struct condition *condition);

/* Whether brokers tell what it is about, of the group in that row. */
bool condition_is_told(const struct condition *condition,
    const struct summary *row);

/* Returns 1 if it holds, or the row has no such field; 0 if not, and then
 * appends why. */
int condition_test(const struct condition *condition, const struct summary *row,
    struct buf *why);

#endif
