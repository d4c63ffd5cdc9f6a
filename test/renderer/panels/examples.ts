import type { Analysis, CamState, Prediction, StoredCam } from '../../../src/common/contract/analysis.ts'
import type { Faithfulness } from '../../../src/common/contract/explanation.ts'
import type { Finding, ReportText } from '../../../src/common/contract/report.ts'

export function examplePrediction(change: Partial<Prediction> = {}): Prediction {
	return {
		model: { id: 'student', version: '1.0.0', sha256: 'a'.repeat(64) },
		inputSha256: 'c'.repeat(64),
		tensorSha256: 'd'.repeat(64),
		gate: { ok: true, reasons: [], checks: [] },
		labels: [
			{ name: 'covid19', title: 'COVID-19', logit: 1, probability: 0.83, operatingPoint: 0.44, positive: true, finding: true },
			{ name: 'normal', title: 'Normal', logit: 0, probability: 0.05, operatingPoint: 0.5, positive: false, finding: false },
			{ name: 'pneumonia', title: 'Pneumonia', logit: 0, probability: 0.4, operatingPoint: 0.38, positive: true, finding: true },
		],
		abstained: false,
		abstentionThreshold: 0.5,
		milliseconds: { decode: 40, preprocess: 10, run: 20, total: 31 },
		...change,
	}
}

export function exampleAnalysis(change: Partial<Analysis> = {}): Analysis {
	return {
		id: 11, studyId: 1, instanceId: 5, frameIndex: 0, role: 'student', createdAt: '2026-11-21T08:00:00.000Z', softwareVersion: '0.1.0',
		modelTitle: 'Student', prediction: examplePrediction(), ...change,
	}
}

export function exampleCam(change: Partial<CamState> = {}): CamState {
	return {
		layer: 'last', mode: 'paper', height: 1, width: 2, channels: 100, passes: 37, channelsDone: 37, exact: false, errorBound: 0.0134,
		maps: { covid19: [0, 1], normal: [1, 0], pneumonia: [0.5, 1] }, peaks: { covid19: 2, normal: 1, pneumonia: 3 }, seconds: 3.7, ...change,
	}
}

export function exampleStored(change: Partial<StoredCam> = {}): StoredCam {
	return { id: 1, analysisId: 11, createdAt: '2026-11-21T08:00:00.000Z', state: exampleCam({ exact: true, channelsDone: 100, errorBound: 0 }), ...change }
}

export function exampleFaithfulness(change: Partial<Faithfulness> = {}): Faithfulness {
	return {
		layer: 'last', mode: 'paper', label: 'covid19', height: 4, width: 4, deletion: { probabilities: [0.8, 0.5, 0.3, 0.2, 0.1], area: 0.36 },
		insertion: { probabilities: [0.1, 0.6, 0.7, 0.8, 0.8], area: 0.64 }, probability: 0.8, maskedProbability: 0.6, drop: 0.25, increased: false,
		score: 0.28, randomScores: Array.from({ length: 19 }, (_, index) => index / 100), chance: 0.05, verdict: 'better', seconds: 2, ...change,
	}
}

export function exampleFinding(change: Partial<Finding> = {}): Finding {
	return {
		id: 1, studyId: 1, instanceId: 5, analysisId: 11, label: 'covid19', text: 'COVID-19', status: 'suggested', origin: 'network', edited: false,
		probability: 0.83, operatingPoint: 0.44, model: null, decidedAt: null, ...change,
	}
}

export function exampleText(change: Partial<ReportText> = {}): ReportText {
	return { clinicalInformation: '', comparison: '', narrative: '', impression: '', keyImages: [], ...change }
}

/** Lets promises that are already settled run their continuations. */
export async function settle(): Promise<void> {
	for (let round = 0; round < 12; round += 1) await Promise.resolve()
}
