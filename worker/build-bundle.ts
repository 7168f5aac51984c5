import { buildWorkflowBundle } from './workflow-bundle.js';

await buildWorkflowBundle();
