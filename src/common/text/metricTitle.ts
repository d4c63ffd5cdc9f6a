const TITLES: Record<string, string> = {
	accuracy: 'Accuracy', balancedAccuracy: 'Balanced accuracy', auroc: 'AUROC', auprc: 'Average precision', ece: 'Calibration error', eceBefore: 'Calibration error before calibration', brier: 'Brier score',
	loss: 'Loss', precision: 'Precision', recall: 'Recall', specificity: 'Specificity', f1: 'F1', dice: 'Dice', iou: 'Intersection over union', answered: 'Films answered',
}

/** The name of a metric for people: "Macro F1". Of an unknown one its words. */
export function metricTitle(name: string): string {
	const known = TITLES[name]
	if (known !== undefined) return known
	const words = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll(/[-_.]+/g, ' ').trim()
	return words === '' ? name : `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`.replaceAll(/ ([A-Z])(?=[a-z])/g, (_, letter: string) => ` ${letter.toLowerCase()}`)
}
