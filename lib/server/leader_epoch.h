/* Epochs of a partition, as clients know them. */
#ifndef SERVER_LEADER_EPOCH_H
#define SERVER_LEADER_EPOCH_H

#include "kafka/error.h"

#include <stdint.h>

/* What to say to a client that believes to be in an epoch (-1: in any): it is
 * an old one, or one that we do not know of. */
enum error_code leader_epoch_check(int32_t asked, int32_t ours);

#endif
