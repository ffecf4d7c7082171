import { parentPipe } from '../../src/main/core/processes/fork.ts';
import { serve } from '../../src/shared/rpc/serve.ts';
import { kernelContract, kernelHandlers } from '../scenes/kernel-contract.ts';

const pipe = parentPipe();
pipe.onClose(() => process.exit(0));
serve(kernelContract, kernelHandlers(), pipe, { mayWrite: false, owner: 'a test', newRef: () => 'ref' });
