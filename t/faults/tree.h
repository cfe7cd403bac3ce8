/* Directories on a memory disk, copied and removed fast. */
#ifndef FAULTS_TREE_H
#define FAULTS_TREE_H

/* Copies what is in the directory from into the directory to, which is made if
 * it is not there. Exits with 71 if that fails. */
void tree_copy(const char *from, const char *to);

/* Removes all that is in a directory, not the directory. Missing is empty. */
void tree_empty(const char *path);

#endif
