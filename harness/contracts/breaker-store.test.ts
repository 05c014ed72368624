// Convinces by the contract of the port, clause by clause, on every store that we ship; that the clauses can fail is shown by
// planted-drivers.test.ts.

import { testContract } from './testing.ts';

await testContract('breaker-store');
