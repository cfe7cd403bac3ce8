/* The tools inside of one program: their mains. */
#ifndef TOOLS_H
#define TOOLS_H

/* The Makefile compiles cmd/mq-NAME.c with this name for its main. */
int mq_main(int argc, char **argv);
int mq_ack_main(int argc, char **argv);
int mq_bench_main(int argc, char **argv);
int mq_config_main(int argc, char **argv);
int mq_dead_main(int argc, char **argv);
int mq_fsck_main(int argc, char **argv);
int mq_get_main(int argc, char **argv);
int mq_group_main(int argc, char **argv);
int mq_put_main(int argc, char **argv);
int mq_stat_main(int argc, char **argv);
int mq_topic_main(int argc, char **argv);

#endif
