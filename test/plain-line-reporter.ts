import type { Reporter, TestModule } from 'vitest/node';

/** Ends a run with the plain line that scripts read: `N passed, N failed, N skipped`, after the tests that passed only when tried again. */
export default class PlainLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      for (const test of tests) {
        const { state } = test.result();
        if (state !== 'pending') count[state] += 1;
        if (test.diagnostic()?.flaky) process.stdout.write(`FLAKY, fix it: ${module.moduleId} > ${test.fullName}\n`);
      }
      // A file that could not even be collected is a failure of its own.
      if (module.errors().length > 0 || (module.state() === 'failed' && tests.length === 0)) count.failed += 1;
    }
    process.stdout.write(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
  }
}
