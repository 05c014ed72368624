// What is published as `paystorm/stripe`: the gateway adapter over the real `stripe` SDK, kept apart from the main
// entry so that only those who use it need the SDK.

export { type StripeGatewayOptions, stripeCapabilities, stripeGateway } from './gateway/stripe-adapter.ts';
export { type StripeClientOptions, stripeClient } from './gateway/stripe-client.ts';
