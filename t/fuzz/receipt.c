/* Receipts: what parses is written the same way, and parses to the same. */
#include "fuzz.h"
#include "base/parse.h"
#include "spool/group.h"

/* As group.h draws it. */
static void
format(const struct receipt *receipt, struct buf *out)
{
	buf_printf(out, "%s:%d:%lld", receipt->topic, receipt->partition,
	    (long long)receipt->first);
	if (receipt->last != receipt->first)
		buf_printf(out, "-%lld", (long long)receipt->last);
	buf_printf(out, ":%s:%llx", receipt->group,
	    (unsigned long long)receipt->token);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	char *text = take_text(&input);
	struct receipt receipt, again;
	struct buf out = {0};
	int rc = receipt_parse(text, &receipt);

	MUST(rc == 0 || rc == -FAIL_USAGE, "a bad receipt is bad usage");
	if (rc == 0) {
		MUST(is_name_valid(receipt.topic) &&
		    is_name_valid(receipt.group) && receipt.partition >= 0 &&
		    receipt.first >= 0 && receipt.first <= receipt.last &&
		    receipt.last < INT64_MAX && receipt.token > 0,
		    "its parts are in range");
		format(&receipt, &out);
		MUST(receipt_parse(buf_text(&out), &again) == 0 &&
		    strcmp(receipt.topic, again.topic) == 0 &&
		    strcmp(receipt.group, again.group) == 0 &&
		    receipt.partition == again.partition &&
		    receipt.first == again.first &&
		    receipt.last == again.last && receipt.token == again.token,
		    "and written it reads the same");
	}
	buf_release(&out);
	free(text);
	return 0;
}
