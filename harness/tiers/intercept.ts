// Standing in for a function of the platform, but only where a simulated process calls it.

import { type Ambient, currentAmbient } from './ambient.ts';

/** Puts a function back as it was. */
export type Restore = () => void;

/** Returned by a stand-in that leaves the call to the original. */
export const original = Symbol('original');

/** What a call does instead; `ambient` is undefined outside every simulated process. */
export type StandIn = (ambient: Ambient | undefined, values: readonly unknown[]) => unknown;

/** For stand-ins that are about simulated processes only. */
export function simulated(act: (ambient: Ambient, values: readonly unknown[]) => unknown): StandIn {
  return (ambient, values) => (ambient === undefined ? original : act(ambient, values));
}

/** Replaces a method, own or inherited, by `standIn`; a method that is not there, or is fixed, is left alone. */
export function intercept(owner: object, name: string, standIn: StandIn): Restore {
  const own = Object.getOwnPropertyDescriptor(owner, name);
  const method: unknown = Reflect.get(owner, name);
  if (typeof method !== 'function' || own?.configurable === false) return () => {};
  const value = function (this: unknown, ...values: unknown[]): unknown {
    const answer = standIn(currentAmbient(), values);
    // Platform methods check the object that they are called on, so the original gets that very object.
    return answer === original ? Reflect.apply(method, this, values) : answer;
  };
  for (const member of Reflect.ownKeys(method)) {
    const descriptor = Object.getOwnPropertyDescriptor(method, member);
    if (descriptor !== undefined && member !== 'prototype') Object.defineProperty(value, member, descriptor);
  }
  return replace(owner, name, value);
}

/** Replaces a member, and keeps how it was declared. */
export function replace(owner: object, name: string, value: unknown): Restore {
  const own = Object.getOwnPropertyDescriptor(owner, name);
  const enumerable = own?.enumerable ?? false;
  Object.defineProperty(owner, name, { configurable: true, enumerable, writable: true, value });
  return () => {
    if (own === undefined) Reflect.deleteProperty(owner, name);
    else Object.defineProperty(owner, name, own);
  };
}

/** Undoes several replacements, the last one first. */
export function all(restores: readonly Restore[]): Restore {
  return () => {
    for (const restore of restores.toReversed()) restore();
  };
}
