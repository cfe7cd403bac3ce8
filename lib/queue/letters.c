/* Letters: payloads of dead messages, kept for the command of --on-dead. */
#include "queue/letters.h"

#include <stdlib.h>

struct letter *
letters_add(struct letters *letters, struct job *job)
{
	struct letter *letter = memory_alloc(sizeof(*letter));
	struct letter **end = &letters->first;

	letter->payload = job->worker.payload;
	job->worker.payload = (struct buf){0};
	letter->variables = job->environment.text;
	job->environment.text = (struct buf){0};
	while (*end != NULL)
		end = &(*end)->next;
	*end = letter;
	return letter;
}

static void
drop(struct letters *letters, struct letter *letter)
{
	struct letter **at = &letters->first;

	while (*at != NULL && *at != letter)
		at = &(*at)->next;
	if (*at == NULL)
		return;
	*at = letter->next;
	buf_release(&letter->payload);
	buf_release(&letter->variables);
	free(letter);
}

void
letters_tell(struct letters *letters, struct letter *letter, bool lost)
{
	if (lost)
		drop(letters, letter);
	else
		letter->is_ready = true;
}

static struct letter *
first_ready(const struct letters *letters)
{
	struct letter *letter = letters->first;

	while (letter != NULL && !letter->is_ready)
		letter = letter->next;
	return letter;
}

bool
has_letters_ready(const struct letters *letters)
{
	return first_ready(letters) != NULL;
}

bool
letters_take(struct letters *letters, struct job *job)
{
	struct letter *letter = first_ready(letters);

	if (letter == NULL)
		return false;
	buf_release(&job->worker.payload);
	buf_release(&job->environment.text);
	job->worker.payload = letter->payload;
	job->environment.text = letter->variables;
	letter->payload = letter->variables = (struct buf){0};
	drop(letters, letter);
	buf_clear(&job->ranges);
	job->is_hook = true;
	job->is_lost = job->was_told = false;
	return true;
}

void
letters_release(struct letters *letters)
{
	while (letters->first != NULL)
		drop(letters, letters->first);
}
