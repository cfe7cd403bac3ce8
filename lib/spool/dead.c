/* Dead letters: listing and dropping them. */
#include "spool/dead.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/lock.h"
#include "spool/letters.h"

int
dead_list(struct spool *spool, const char *topic,
    int (*each)(const struct dead_letter *letter, void *context), void *context)
{
	struct letters letters;
	int result = letters_open(&letters, spool, topic);

	for (int i = 0; result == 0 && letters.store &&
			i < topic_partition_count(letters.store);
	     i++)
		result = letters_scan(&letters, i, 0, each, context);
	letters_close(&letters);
	return result;
}

/* Offsets of letters to drop. */
struct choice {
	int64_t wanted; /* -1: all */
	int64_t *ids;
	size_t count;
};

static int
choose(const struct dead_letter *letter, void *context)
{
	struct choice *choice = context;
	size_t count = choice->count;

	if (choice->wanted >= 0 && letter->id != choice->wanted)
		return 1;
	/* A power of two is full: double. */
	if ((count & (count - 1)) == 0) {
		size_t room = count > 0 ? 2 * count : 1;
		int64_t *ids = memory_alloc(room * sizeof(*ids));

		if (count > 0)
			memcpy(ids, choice->ids, count * sizeof(*ids));
		free(choice->ids);
		choice->ids = ids;
	}
	choice->ids[choice->count++] = letter->id;
	return choice->wanted >= 0;
}

static int
settle(
    const struct letters *letters, int partition, const struct choice *choice)
{
	struct index *index;
	int result = index_open(&index, letters->spool);

	if (result >= 0)
		result = index_begin(index);
	if (result < 0)
		return result;
	result = index_end(index, letters_settle(letters, index, partition,
	    choice->ids, choice->count));
	return result < 0 ? result : index_durable(index);
}

/* Returns how many letters of a partition are dropped. */
static int
drop_in(const struct letters *letters, int partition, int64_t id, bool dry_run)
{
	struct choice choice = {.wanted = id};
	int result =
	    letters_scan(letters, partition, id < 0 ? 0 : id, choose, &choice);

	if (result >= 0 && choice.count > 0 && !dry_run)
		result = settle(letters, partition, &choice);
	free(choice.ids);
	return result < 0 ? result : (int)choice.count;
}

static int
drop_all(const struct letters *letters, const struct dead_choice *choice,
    bool dry_run)
{
	int count = letters->store ? topic_partition_count(letters->store) : 0;
	int dropped = 0;

	for (int i = 0; i < count; i++) {
		int result = 0;

		if (choice->partition < 0 || i == choice->partition)
			result = drop_in(letters, i, choice->id, dry_run);
		if (result < 0)
			return result;
		dropped += result;
	}
	if (dropped == 0 && choice->id >= 0)
		return letters_missing(letters, choice);
	return dropped;
}

int
dead_drop(struct spool *spool, const char *topic,
    const struct dead_choice *choice, bool dry_run)
{
	struct letters letters;
	int result = letters_open(&letters, spool, topic);

	letters.group = choice->group;
	if (result >= 0 && !dry_run)
		result = letters_lock(&letters);
	if (result >= 0)
		result = drop_all(&letters, choice, dry_run);
	letters_close(&letters);
	return result;
}
