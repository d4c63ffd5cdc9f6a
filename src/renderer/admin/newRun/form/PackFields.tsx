import { setField } from '../newRunStore.ts'
import { listAt, valueAt, type Draft } from '../recipe/fields.ts'
import { USUAL } from '../recipe/usual.ts'
import { CheckField, NumberField, SelectField, TextField } from './fields.tsx'
import { sentence, useProblems } from './problems.ts'

/** What the model pack says of itself. */
export function PackFields({ draft, labels }: { draft: Draft; labels: readonly string[] | null }) {
	const { pack } = USUAL
	const limitations = useProblems('pack.limitations', false)
	const ofLabels = useProblems('pack.labels', false)
	return (
		<>
			<div className="new-run-fields">
				<TextField field="pack.title" label="Title" usual="The name of the run" wide />
				<TextField field="pack.id" label="Id" usual="The run's" hint="Small letters, digits, dots and hyphens." />
				<SelectField field="pack.role" label="Role" usual={pack.role} options={[['student', 'Student'], ['teacher', 'Teacher']]} />
				<SelectField field="pack.domain" label="Images" usual={pack.domain} options={[['chest-radiograph', 'Chest films'], ['histology', 'Tissue']]} />
				<NumberField field="pack.coverage" label="Share of images that it answers" usual={pack.coverage} hint="On the rest, of the lowest confidence, it abstains." />
				<SelectField
					field="pack.operatingPoints.kind" label="Thresholds by" usual={pack.operatingPoints.kind} options={[['f1', 'Best F1'], ['youden', 'Best sum of sensitivity and specificity'], ['sensitivity', 'A sensitivity']]}
					onChoose={(kind) => setField('pack.operatingPoints', kind === 'sensitivity' ? { kind, value: 0.95 } : { kind })}
				/>
				{valueAt(draft, 'pack.operatingPoints.kind') === 'sensitivity' && <NumberField field="pack.operatingPoints.value" label="Sensitivity (0 to 1)" usual={null} />}
				<SelectField field="pack.weights" label="Weights" usual={pack.weights} options={[['float32', 'In full'], ['float16', 'In half precision: half the file']]} />
				<TextField field="pack.intendedUse" label="Intended use" usual={pack.intendedUse} lines={2} wide />
				<div className="field wide">
					<label htmlFor="new-run-limitations">Limitations, one in a line</label>
					<textarea
						id="new-run-limitations" dir="auto" rows={3} data-field="pack.limitations" aria-invalid={limitations.length > 0 || undefined} value={listAt(draft, 'pack.limitations').join('\n')}
						onChange={(event) => setField('pack.limitations', event.target.value === '' ? undefined : event.target.value.split('\n'))}
					/>
					{limitations.length > 0 && <span className="new-run-fault">{limitations.map(sentence).join(' ')}</span>}
				</div>
			</div>
			{labels && (
				<fieldset className="new-run-labels">
					<legend className="panel-heading">Labels</legend>
					{ofLabels.length > 0 && <p className="new-run-fault">{ofLabels.map(sentence).join(' ')}</p>}
					{/* A name with a dot or a bracket is no field of the form; the expert view has it. */}
					{labels.filter((label) => !/[.[\]]/.test(label)).map((label) => (
						<div key={label} className="new-run-row">
							<TextField field={`pack.labels.${label}.title`} label={`Title of ${label}`} usual={label} />
							<CheckField field={`pack.labels.${label}.finding`} label="Is a finding" usual />
						</div>
					))}
				</fieldset>
			)}
		</>
	)
}
