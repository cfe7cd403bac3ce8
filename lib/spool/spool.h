/* A spool: the directory that holds topics, the index and configuration. */
#ifndef SPOOL_SPOOL_H
#define SPOOL_SPOOL_H

#include "spool/settings.h"

enum spool_mode {
	SPOOL_READ,   /* must exist; nothing in it is changed */
	SPOOL_WRITE,  /* must exist */
	SPOOL_CREATE, /* made if missing, with its parents (0700) */
};

struct spool;

/* Opens the spool at path. Refused by name: one that belongs to another user
 * (unless it is a set-group-id directory of a group of ours), that others may
 * write to, or on a network file system (unless force): -FAIL_PERMISSION;
 * -FAIL_MISSING if it is not there; -FAIL_CONFIG for a bad mq.yaml. The caller
 * closes it. */
int spool_open(struct spool **spool, const char *path, enum spool_mode mode,
    bool force);
void spool_close(struct spool *spool); /* accepts NULL */

/* Appends the path of the spool that -C names; NULL: MQ_SPOOL, else
 * ${XDG_STATE_HOME:-~/.local/state}/mq, for root /var/spool/mq. */
void spool_choose_path(const char *named, struct buf *out);

/* True if the user wants one on a network file system (MQ_NETWORK_FS). */
bool is_spool_forced(void);

const char *spool_path(const struct spool *spool);
int spool_directory(const struct spool *spool); /* descriptor of SPOOL */

/* Of SPOOL/topics; -1 in a spool opened to read that has none. */
int spool_topics_directory(const struct spool *spool);
bool is_spool_read_only(const struct spool *spool);
const struct spool_settings *spool_settings(const struct spool *spool);

/* A thing that lives as long as the spool and is closed with it, before its
 * descriptors: the index hangs here, so that a tool that never asks for it
 * does not link SQLite. Both members are NULL until somebody fills them. */
struct spool_attachment {
	void *data;
	void (*close)(void *data);
};
struct spool_attachment *spool_attachment(struct spool *spool);

/* Who opens a partition may find that a power cut has cost messages that nobody
 * was promised. tell gets a sentence about them, for stderr, at most once each.
 */
void spool_listen(struct spool *spool,
    void (*tell)(const char *topic, const char *text));
void spool_tell(const struct spool *spool, const char *topic,
    const char *text);

/* Makes the names of the topics, and of the directories above them, durable.
 * Whoever acknowledges messages of a topic that another process may have made
 * this moment needs it: see doorbell.h. */
int spool_settle(struct spool *spool);

/* Names of the topics, sorted; calls each until it returns non-zero, which is
 * returned. Reads one directory and opens no topic. */
int spool_list_topics(struct spool *spool,
    int (*each)(const char *name, void *context), void *context);

#endif
