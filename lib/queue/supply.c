/* What all supplies have in common. */
#include "queue/supply.h"

#include <stdio.h>

void
supply_receipt(const struct supply *supply, const struct grant *grant,
    int64_t first, int64_t last, struct buf *out)
{
	struct receipt receipt;

	receipt.partition = grant->partition;
	receipt.first = first;
	receipt.last = last;
	receipt.token = grant->token;
	snprintf(receipt.topic, sizeof(receipt.topic), "%s",
	    supply->kind->topic(supply, grant->topic));
	snprintf(receipt.group, sizeof(receipt.group), "%s", supply->group);
	receipt_print(&receipt, out);
}

void
supply_close(struct supply *supply)
{
	if (supply != NULL)
		supply->kind->close(supply);
}
