import type { CamMode } from '../contract/analysis.ts'

/** How a channel becomes the mask that the image is multiplied with; definitions with the same object share their forward passes. */
export interface MaskDefinition {
	/** Which place of the channel a pixel is read from, bilinearly; ONNX's names for what torch calls align_corners false and true. */
	coordinates: 'half_pixel' | 'align_corners'
	/** When the values are stretched to 0..1 by the channel's smallest and largest value. */
	stretched: 'after upsampling' | 'before upsampling'
	/** Added to the range that the stretching divides by. */
	epsilon: number
}

/** What is done in turn to the weighted sum of a label's channels to make its map. */
export type CompositionStep =
	| { step: 'relu' }
	/** To the size of the network's input, bilinearly by pixel centres. */
	| { step: 'upsample' }
	| { step: 'divide by largest' }
	/** (value - smallest) / (largest - smallest + epsilon). */
	| { step: 'stretch'; epsilon: number }

/** A definition of Score-CAM; docs/explanations.md says where each comes from and how they differ. */
export interface ScoreCamDefinition {
	mode: CamMode
	mask: MaskDefinition
	/** Of a label under a mask: its logit, or its share of the softmax over all labels, whether they exclude each other or not. Neither is calibrated. */
	score: 'logit' | 'softmax over labels'
	/** Of a channel: softmax of the scores over all channels, or the score itself. */
	weight: 'softmax over channels' | 'score'
	/** Whether a channel whose values are all equal, which makes the mask 0, has a part in the sum. */
	constantChannels: 'kept' | 'skipped'
	composition: readonly CompositionStep[]
}

const PAPER_MASK: MaskDefinition = { coordinates: 'half_pixel', stretched: 'after upsampling', epsilon: 0 }

const DEFINITIONS: Record<CamMode, ScoreCamDefinition> = {
	/** Algorithm 1 of Wang et al. 2020 (arXiv:1910.01279). */
	paper: {
		mode: 'paper',
		mask: PAPER_MASK,
		score: 'logit',
		weight: 'softmax over channels',
		constantChannels: 'kept',
		composition: [{ step: 'relu' }, { step: 'divide by largest' }],
	},
	/** The authors' code, github.com/haofanwang/Score-CAM, cam/scorecam.py. */
	official: {
		mode: 'official',
		mask: PAPER_MASK,
		score: 'softmax over labels',
		weight: 'score',
		constantChannels: 'skipped',
		// It adds up upsampled channels: the same as to upsample their sum, as long as that comes before the ReLU.
		composition: [{ step: 'upsample' }, { step: 'relu' }, { step: 'stretch', epsilon: 0 }],
	},
	/** grad-cam 1.5.7, pytorch_grad_cam/score_cam.py and base_cam.py. */
	'pytorch-grad-cam': {
		mode: 'pytorch-grad-cam',
		mask: { coordinates: 'align_corners', stretched: 'after upsampling', epsilon: 1e-8 },
		score: 'logit',
		weight: 'softmax over channels',
		constantChannels: 'kept',
		composition: [{ step: 'relu' }, { step: 'stretch', epsilon: 1e-7 }, { step: 'upsample' }, { step: 'stretch', epsilon: 1e-7 }],
	},
	/** torchcam 0.5.0, torchcam/methods/activation.py and core.py. Its score less that of the whole image gives the same softmax as the score. */
	torchcam: {
		mode: 'torchcam',
		mask: { coordinates: 'half_pixel', stretched: 'before upsampling', epsilon: 1e-8 },
		score: 'logit',
		weight: 'softmax over channels',
		constantChannels: 'kept',
		composition: [{ step: 'relu' }, { step: 'stretch', epsilon: 1e-8 }],
	},
}

export function definitionOf(mode: CamMode): ScoreCamDefinition {
	return DEFINITIONS[mode]
}
