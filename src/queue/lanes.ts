// Who is next: jobs stand in one lane for each key, and the lanes that have work and no worker take turns.

/** Jobs by key. A key is busy from the moment its job is taken until it is freed. */
export interface Lanes<Job> {
  add(key: string, job: Job): void;
  /** Takes the first job of the key whose turn it is; undefined when no key is free that has one. */
  take(): { readonly key: string; readonly job: Job } | undefined;
  /** Says that the job that was taken is over; the key goes to the end of the turns. */
  free(key: string): void;
  /** Takes out all jobs that wait, in the order in which they were added. */
  clear(): readonly Job[];
  /** How many jobs wait. */
  waiting(): number;
  /** The jobs that were taken and are not over, in the order in which they were taken. */
  taken(): readonly Job[];
}

/** No jobs at all. */
export function emptyLanes<Job>(): Lanes<Job> {
  const lanes = new Map<string, { readonly job: Job; readonly place: number }[]>();
  /** Keys that have work and no worker, in the order of their turns. */
  const ready = new Set<string>();
  const busy = new Map<string, Job>();
  let added = 0;
  let waiting = 0;
  return {
    add(key, job) {
      const lane = lanes.get(key) ?? [];
      lanes.set(key, lane);
      added += 1;
      waiting += 1;
      lane.push({ job, place: added });
      if (!busy.has(key)) ready.add(key);
    },
    take() {
      for (const key of ready) {
        ready.delete(key);
        const lane = lanes.get(key) ?? [];
        const first = lane.shift();
        if (lane.length === 0) lanes.delete(key);
        if (first === undefined) continue;
        waiting -= 1;
        busy.set(key, first.job);
        return { key, job: first.job };
      }
      return undefined;
    },
    free(key) {
      busy.delete(key);
      if (lanes.has(key)) ready.add(key);
    },
    clear() {
      const left = [...lanes.values()].flat().sort((a, b) => a.place - b.place);
      lanes.clear();
      ready.clear();
      waiting = 0;
      return left.map(({ job }) => job);
    },
    waiting: () => waiting,
    taken: () => [...busy.values()],
  };
}
