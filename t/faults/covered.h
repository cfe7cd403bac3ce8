/* The call sites that have failed, in this workload or one before it. */
#ifndef FAULTS_COVERED_H
#define FAULTS_COVERED_H

#include <stdbool.h>
#include <stdio.h>

struct covered {
	FILE *file;  /* a line each, for the workloads that follow */
	char *lines; /* the same, each between newlines */
	size_t size;
};

/* Reads the file, if it is there, and adds to it from now on; exits if it
 * cannot be opened. */
void covered_open(struct covered *covered, const char *path);
void covered_close(struct covered *covered);

/* call is the name of a system call, site where it is made. */
bool is_covered(const struct covered *covered, const char *call,
    const char *site);
void covered_add(struct covered *covered, const char *call, const char *site);

#endif
