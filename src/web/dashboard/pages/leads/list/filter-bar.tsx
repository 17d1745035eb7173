import { Search, SlidersHorizontal } from 'lucide-react'
import { type Ref, useEffect, useState } from 'react'
import { useMay } from '../../../connection/signed-in.tsx'
import { Button } from '../../../parts/controls/button.tsx'
import { Field } from '../../../parts/controls/field.tsx'
import { DelayedInput } from './delayed-input.tsx'
import { type FilterName, filterNames, type LeadFilter } from './lead-filter.ts'
import './filter-bar.css'

interface FilterBarProps {
  readonly filter: LeadFilter
  readonly stages: readonly string[]
  readonly searchInput: Ref<HTMLInputElement>
  readonly onChange: (part: Partial<LeadFilter>) => void
}

/** Search and filters of the list. */
export function FilterBar({ filter, stages, searchInput, onChange }: FilterBarProps) {
  const count = filterNames.filter((name) => name !== 'search' && filter[name] !== '').length
  const [isOpen, setOpen] = useState(count > 0)
  useEffect(() => {
    if (count > 0) setOpen(true)
  }, [count])
  const hint = useMay('PII_READ') ? 'Search by name or e-mail' : 'Search by name'
  return (
    <search className="filter-bar">
      <div className="filter-line">
        <div className="filter-search">
          <Search size={16} aria-hidden />
          <DelayedInput
            ref={searchInput}
            type="search"
            aria-label="Search"
            className="control"
            maxLength={200}
            placeholder={hint}
            value={filter.search}
            onValue={(search) => onChange({ search })}
          />
        </div>
        <Button aria-expanded={isOpen} aria-controls="lead-filters" onClick={() => setOpen(!isOpen)}>
          <SlidersHorizontal size={16} aria-hidden />
          {count === 0 ? 'Filters' : `Filters (${count})`}
        </Button>
      </div>
      <div id="lead-filters" className="filters" hidden={!isOpen}>
        <StageFilter stage={filter.stage} stages={stages} onChange={onChange} />
        {texts.map(({ name, label, placeholder, type }) => (
          <Field key={name} label={label}>
            {(control) => (
              <DelayedInput
                {...control}
                type={type}
                maxLength={200}
                placeholder={placeholder}
                value={filter[name]}
                onValue={(value) => onChange({ [name]: value })}
              />
            )}
          </Field>
        ))}
      </div>
    </search>
  )
}

const texts: readonly { name: FilterName; label: string; placeholder: string; type: 'text' | 'date' }[] = [
  { name: 'source', label: 'Source', placeholder: 'contains', type: 'text' },
  { name: 'campaign', label: 'Campaign', placeholder: 'contains', type: 'text' },
  { name: 'from', label: 'From', placeholder: '', type: 'date' },
  { name: 'to', label: 'To', placeholder: '', type: 'date' },
  { name: 'metadata', label: 'Metadata', placeholder: 'plan=pro, or plan', type: 'text' },
]

interface StageFilterProps {
  readonly stage: string
  readonly stages: readonly string[]
  readonly onChange: (part: Partial<LeadFilter>) => void
}

function StageFilter({ stage, stages, onChange }: StageFilterProps) {
  const options = stage === '' || stages.includes(stage) ? stages : [stage, ...stages]
  return (
    <Field label="Stage">
      {(control) => (
        <select {...control} value={stage} onChange={({ target }) => onChange({ stage: target.value })}>
          <option value="">any</option>
          {options.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      )}
    </Field>
  )
}
