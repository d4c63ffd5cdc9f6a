/** What the papers published on a task, and why it is not the same question as ours. */
export interface Published {
	rows: readonly { what: string; data: string; value: string; from: string }[]
	/** In a few sentences. */
	differs: string
}

const FIRST_PAPER = 'Mir and Rizvi 2025, arXiv:2508.15251'
const SECOND_PAPER = 'Termritthikun et al. 2023, arXiv:2305.06244 (IEEE/ACM TCBB 21(4), 2024)'
const ACCOUNT = 'the same, as a review of its journal version gives it'
const OTHERS = 'an independent implementation, github.com/ruiqingyan1/DTforCXR8, mean AUROC before and after'

/** By the id of the task in results/index.json. */
export const PUBLISHED: Readonly<Record<string, Published>> = {
	cxr3: {
		rows: [
			{ what: 'teachers VGG19, Visformer-S, AutoFormerV2-T; student OFA-595', data: 'COVID-QU-Ex, 33,920 films', value: 'no number that could be checked against the paper; its claim: the student keeps the teachers\' performance with far fewer parameters', from: FIRST_PAPER },
		],
		differs: 'The paper has six times as many films (33,920 of COVID-QU-Ex), which state no patients, so that films of one patient may stand in its training and test splits. Ours are 5,753 films of public sources without duplicates, split by patient or group, and results are given by source too, because '
			+ 'most classes come from sources of their own.',
	},
	lc5: {
		rows: [
			{ what: 'teachers VGG19, Visformer-S, AutoFormerV2-T; student OFA-595', data: 'LC25000, 25,000 tiles', value: 'no number that could be checked against the paper', from: FIRST_PAPER },
		],
		differs: 'LC25000 was made of about 1,250 original tiles by rotating and flipping them; a random split, as is usual, has pictures of the same original on both sides and measures memory. Here the split is by original tile, on 3,238 of the 25,000 pictures.',
	},
	nih14: {
		rows: [
			{ what: 'DenseNet161 teaches EEEA-Net-C2 (4.7 M parameters, 0.3 G multiply-accumulates)', data: 'ChestX-ray14, 112,120 films', value: 'mean AUROC 0.837', from: SECOND_PAPER },
			{ what: 'the same', data: 'ChestX-ray14', value: 'accuracy 0.939, F1 0.934 (over all cells of the label table, where most are negative)', from: ACCOUNT },
			{ what: 'the same', data: 'CheXpert; PadChest', value: 'mean AUROC 0.871; 0.887', from: SECOND_PAPER },
			{ what: 'EEEA-Net-C2 taught by itself', data: 'ChestX-ray14', value: '0.802, 0.814', from: OTHERS },
			{ what: 'EEEA-Net-C2 taught by OFA-595', data: 'ChestX-ray14', value: '0.817, 0.826', from: OTHERS },
			{ what: 'EEEA-Net-C2 taught by Visformer-S', data: 'ChestX-ray14', value: '0.821, 0.823', from: OTHERS },
		],
		differs: 'The paper trains on the 86,524 films of the official split; ours are 919 films of the same set (and 931 more at 64 pixels), less than a fiftieth, and some findings occur a dozen times in all. What can be compared is the difference between student alone and distilled, not the level.',
	},
}
