/* mq-get -g: the group that it takes messages from. */
#ifndef CMD_GET_SUPPLY_H
#define CMD_GET_SUPPLY_H

#include "get.h"
#include "queue/supply.h"

struct get_supply {
	struct supply *supply;
	struct spool *spool; /* NULL: brokers */
	char *place;         /* the variable that tells workers of it */
};

/* Joins the group on topics, or fails and exits. is_session: what is held when
 * we end is free. */
void get_supply_open(struct get_supply *from,
    const struct get_options *options, char **names, int count,
    bool is_session);
void get_supply_close(struct get_supply *from);

/* Of the options, which the table has checked. */
enum group_order get_order(const struct get_options *options);

#endif
