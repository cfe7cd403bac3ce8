/* Removing a directory with all that is in it. */
#ifndef SPOOL_TREE_H
#define SPOOL_TREE_H

/* Removes what `name` in dir is: a file, or a directory with its entries, a
 * few levels deep at most. Never follows a symbolic link: it is removed. 0 if
 * there is nothing of that name. */
int tree_remove(int dir, const char *name);

#endif
