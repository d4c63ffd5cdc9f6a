import { z } from 'zod'

/** Which program's definition of Score-CAM (docs/explanations.md): the paper's Algorithm 1, its authors' code, or one of two libraries. */
export const camModeSchema = z.enum(['paper', 'official', 'pytorch-grad-cam', 'torchcam'])
export type CamMode = z.infer<typeof camModeSchema>
