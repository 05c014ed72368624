// A queue is empty most of the time and long after an outage. What the planner believes of it then is out of date, and a plan that reads
// and sorts everything, or compares everything with everything, takes seconds where a walk along an index takes none.

const wide = ['seqscan', 'bitmapscan', 'sort', 'hashjoin', 'mergejoin', 'material'];

/**
 * Settings of a function whose queries have to walk along indexes and stop at their limit, whatever the statistics say. A plan that has no
 * other way is made dear by them, and would be compiled for it, so they turn that off as well.
 */
export const alongIndexes: string = [...wide.map((kind) => `enable_${kind}`), 'jit']
  .map((name) => `SET ${name} = off`)
  .join(' ');
