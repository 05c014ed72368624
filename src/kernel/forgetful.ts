// Which objects keep in this process's memory what ought to outlive it. They say so themselves, so that a check before
// production need not guess from names.

const known = new WeakSet<object>();

/** Notes that `store` forgets everything when the process ends; returns it. */
export function forgetful<Store extends object>(store: Store): Store {
  known.add(store);
  return store;
}

/** Whether `store` is one that {@link forgetful} has noted. A wrapper around it is another object. */
export function isForgetful(store: object): boolean {
  return known.has(store);
}
