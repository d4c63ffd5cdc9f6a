import { Plus, Trash2 } from 'lucide-react'
import { metricTitle } from '../../../../common/text/metricTitle.ts'
import { change, setField } from '../newRunStore.ts'
import { listAt, valueAt, withValue, type Draft } from '../recipe/fields.ts'
import { taskOf } from '../recipe/images.ts'
import { USUAL, usualOptimiser } from '../recipe/usual.ts'
import { CheckField, NumberField, SelectField } from './fields.tsx'
import { sentence, useProblems } from './problems.ts'

const MONITORS = ['balancedAccuracy', 'accuracy', 'macroF1', 'auroc', 'auprc', 'loss', 'ece'].map((name) => [name, metricTitle(name)] as const)
const MONITORS_OF_MASKS = ['dice', 'iou', 'loss'].map((name) => [name, metricTitle(name)] as const)

/** How long, in how large steps, and what decides about the best weights. */
export function ScheduleFields({ draft }: { draft: Draft }) {
	const kind = valueAt(draft, 'optimisation.optimiser.kind')
	const usual = usualOptimiser(kind)
	const schedule = valueAt(draft, 'optimisation.schedule.kind') ?? USUAL.optimisation.schedule.kind
	const { optimisation } = USUAL
	const sizes = listAt(draft, 'resizing')
	const stepEpochs = useProblems('optimisation.schedule.stepEpochs', false)
	return (
		<>
			<div className="new-run-fields">
				<NumberField field="epochs" label="Epochs" usual={USUAL.epochs} />
				<NumberField field="batch" label="Images in a batch" usual={USUAL.batch} />
				<NumberField field="optimisation.accumulate" label="Batches for a step" usual={optimisation.accumulate} />
				<SelectField
					field="optimisation.optimiser.kind" label="Optimiser" usual="adamw" options={[['adamw', 'AdamW'], ['sgd', 'SGD']]}
					onChoose={(chosen) => setField('optimisation.optimiser', { kind: chosen })}
				/>
				<NumberField field="optimisation.optimiser.learningRate" label="Learning rate" usual={usual.learningRate} />
				<NumberField field="optimisation.optimiser.weightDecay" label="Weight decay" usual={usual.weightDecay} />
				{kind === 'sgd' && <NumberField field="optimisation.optimiser.momentum" label="Momentum" usual={0.9} />}
				<SelectField
					field="optimisation.schedule.kind" label="The learning rate" usual="cosine" options={[['cosine', 'falls as a cosine'], ['step', 'falls in steps'], ['constant', 'stays']]}
					onChoose={(chosen) => change((own) => withValue(withValue(own, 'optimisation.schedule.kind', chosen), 'optimisation.schedule.stepEpochs', chosen === 'step' ? [halfOf(own)] : undefined))}
				/>
				<NumberField field="optimisation.schedule.warmUpEpochs" label="Epochs of warm-up" usual={optimisation.schedule.warmUpEpochs} />
				{schedule === 'step' && (
					<>
						{listAt(draft, 'optimisation.schedule.stepEpochs').map((_, index) => <NumberField key={index} field={`optimisation.schedule.stepEpochs[${index}]`} label={`Step ${index + 1} after epoch`} usual={null} />)}
						<NumberField field="optimisation.schedule.stepFactor" label="Each step multiplies by" usual={optimisation.schedule.stepFactor} />
					</>
				)}
				<NumberField field="optimisation.gradientNorm" label="Largest norm of the gradients" usual={optimisation.gradientNorm} />
				<NumberField field="optimisation.averageDecay" label="Decay of the average of weights" usual={optimisation.averageDecay} hint="The average is what is validated and kept." />
				<SelectField field="validation.monitor" label="What decides about the best weights" usual="balancedAccuracy" options={taskOf(draft) === 'segmentation' ? MONITORS_OF_MASKS : MONITORS} />
				<NumberField field="validation.everyEpochs" label="Epochs between validations" usual={USUAL.validation.everyEpochs} />
				{kind === 'sgd' && <CheckField field="optimisation.optimiser.nesterov" label="Nesterov" usual />}
			</div>
			{stepEpochs.length > 0 && <p className="new-run-fault">{stepEpochs.map(sentence).join(' ')}</p>}
			<fieldset className="new-run-sizes">
				<legend className="panel-heading">Smaller images first</legend>
				{sizes.length === 0 && <p className="muted">None: all epochs see images of the size that the student is given.</p>}
				{sizes.map((_, index) => (
					<div key={index} className="new-run-row">
						<NumberField field={`resizing[${index}].fromEpoch`} label="From epoch (the first is 0)" usual={null} />
						<NumberField field={`resizing[${index}].size`} label="Side in pixels" usual={null} />
						<button className="quiet icon" aria-label={`Remove size ${index + 1}`} title="Remove" onClick={() => setField('resizing', sizes.length === 1 ? undefined : sizes.toSpliced(index, 1))}><Trash2 aria-hidden /></button>
					</div>
				))}
				<div><button onClick={() => setField('resizing', [...sizes, sizes.length === 0 ? { fromEpoch: 0, size: 96 } : { fromEpoch: halfOf(draft), size: sizeOf(draft) }])}><Plus aria-hidden />Add a size</button></div>
			</fieldset>
		</>
	)
}

function halfOf(draft: Draft): number {
	const epochs = valueAt(draft, 'epochs') ?? USUAL.epochs
	return Math.max(1, Math.floor(Number(epochs) / 2) || 1)
}

function sizeOf(draft: Draft): number {
	const size = valueAt(draft, 'input.size')
	return typeof size === 'number' ? size : 128
}
