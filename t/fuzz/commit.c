/* Group commit over shared memory that says anything: who is told that it is
 * durable was told so by memory, or has synced since. */
#include "fuzz.h"
#include "base/commit.h"
#include "base/lock.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

/* What memory says next: scripted by the input. */
struct script {
	struct input input;
	uint32_t word;
	int ours, theirs;   /* descriptors of the file with the role */
	int asked, left;    /* is_durable: calls; until the other lets go */
	bool said_durable;
	bool has_failed;
	int syncs, rings;
	int sync_result;
};

static int
is_durable(void *context, int64_t target)
{
	struct script *script = context;
	uint8_t answer = take_byte(&script->input);

	MUST(target == 42, "it asks for what was asked");
	script->asked++;
	if (script->asked >= script->left)
		unlock_byte(script->theirs, 7);
	if (answer == 255) {
		script->has_failed = true;
		return -FAIL_STOPPED;
	}
	script->said_durable = answer >= 128;
	return script->said_durable;
}

static int
sync_now(void *context)
{
	struct script *script = context;

	MUST(lock_byte(script->theirs, 7) == 0, "who syncs has the role");
	script->syncs++;
	return script->sync_result;
}

/* The word has changed already: nobody sleeps. */
static uint32_t *
choose(void *context, int64_t target, uint32_t *seen)
{
	struct script *script = context;

	(void)target;
	*seen = ~script->word;
	return &script->word;
}

static void
ring(void *context)
{
	struct script *script = context;

	MUST(lock_byte(script->theirs, 7) == 1, "the role is free by then");
	unlock_byte(script->theirs, 7);
	script->rings++;
}

static void
check_result(const struct script *script, int result, int64_t timeout_ms)
{
	MUST(script->syncs <= 1 && script->rings <= 1 &&
	    script->syncs <= script->rings, "one sync, one ring");
	if (result == 0)
		MUST(script->said_durable || (script->syncs == 1 &&
		    script->sync_result >= 0),
		    "nothing is durable unless somebody says or does so");
	else
		MUST((script->has_failed && result == -FAIL_STOPPED) ||
		    (script->syncs == 1 && result == script->sync_result) ||
		    (timeout_ms >= 0 && result == -FAIL_AGAIN),
		    "what fails is told");
}

static void
open_role(struct script *script)
{
	static int ours = -1, theirs = -1;
	char path[64];

	if (ours < 0) {
		ours = memfd_create("role", MFD_CLOEXEC);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", ours);
		theirs = open(path, O_RDWR | O_CLOEXEC);
	}
	MUST(theirs >= 0, "a file");
	script->ours = ours;
	script->theirs = theirs;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script script = {.input = {data, size}};
	uint8_t choice = take_byte(&script.input);
	int64_t timeout_ms = choice & 1 ? -1 : choice & 2 ? 0 : INT64_MAX;
	struct commit_ops ops = {
		.is_durable = is_durable, .sync = sync_now, .choose = choose,
		.ring = ring, .context = &script, .role_byte = 7,
	};

	script.left = choice >> 4;
	script.sync_result = choice & 4 ? -FAIL_IO : 0;
	open_role(&script);
	ops.role_file = script.ours;
	if (choice & 8)
		lock_byte(script.theirs, 7);
	check_result(&script, commit_wait(&ops, 42, timeout_ms), timeout_ms);
	unlock_byte(script.theirs, 7);
	MUST(lock_byte(script.theirs, 7) == 1, "nobody keeps the role");
	unlock_byte(script.theirs, 7);
	return 0;
}
