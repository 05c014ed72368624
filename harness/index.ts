// The published entry of the storm: run cases and campaigns against a target, and judge histories.

export type { Case, ChargeStep, Fault, ProfileName, Step } from './cases/case.ts';
export { CaseError } from './cases/case-error.ts';
export { decodeCase, encodeCase } from './cases/codec.ts';
export { checkerById, checkers } from './checkers/catalogue.ts';
export type { Checker, InvariantId, Verdict } from './checkers/checker.ts';
export { type ConformanceOptions, conformance, conformanceTrials } from './contracts/conformance.ts';
export type { ClauseResult, ClauseTrial, OpenedStore, OpenStore } from './contracts/contract.ts';
export type { StoreKind, StorePorts } from './contracts/store-kinds.ts';
export { type FaultFacts, type FaultKind, faultFacts, faultKinds } from './faults/kinds.ts';
export { behaviourOf, capabilitiesOf } from './gateway-twin/profiles.ts';
export { type GatewayTwin, gatewayTwin } from './gateway-twin/twin.ts';
export type { Answer, ChargeIntent, Crossing, History } from './history/history.ts';
export type { Site } from './history/sites.ts';
export { judge } from './judge.ts';
export {
  checkLinearizability,
  type LinearizabilityOptions,
  type LinearizabilityVerdict,
} from './linearizability/check-linearizability.ts';
export type { ObservedOperation, SequentialModel } from './linearizability/history.ts';
export { type Observation, observation } from './linearizability/observe.ts';
export { registerModel } from './linearizability/register-model.ts';
export { type Slot, slotModel } from './linearizability/slot-model.ts';
export { type RunResult, runCase } from './run.ts';
export { type Campaign, type CampaignOptions, runCampaign } from './search/campaign.ts';
export { shrinkCase } from './search/shrink.ts';
export { asWritten } from './targets/as-written.ts';
export { reference } from './targets/reference.ts';
export type { Capability, Subject, Target, TargetConfig, TargetEnv } from './targets/target.ts';
