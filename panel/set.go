package panel

import (
	"cmp"
	"math/bits"
	"slices"
)

// set numbers distinct values in the order of their first appearance.
type set[T cmp.Ordered] struct {
	values []T
	codes  map[T]int32
	recent []int32 // by place, the code of the value that was last looked up there
}

// code is the number of a value, a new one if it was not seen before.
func (s *set[T]) code(v T) int32 {
	if c, ok := s.codes[v]; ok {
		return c
	}
	if s.codes == nil {
		s.codes = make(map[T]int32)
	}
	c := int32(len(s.values))
	s.codes[v] = c
	s.values = append(s.values, v)
	return c
}

// codeNear is code for a value that is looked up at a place: any number that is the same whenever the
// value is. If the last value there was the same, as it is where a chunk of events codes a column as the
// chunk before it did, no search is needed.
func (s *set[T]) codeNear(place uint, v T) int32 {
	place &= uint(len(s.recent) - 1)
	if c := int(s.recent[place]); c < len(s.values) && s.values[c] == v {
		return int32(c)
	}
	c := s.code(v)
	s.recent[place] = c
	return c
}

// makePlaces makes at least n places, a power of two.
func (s *set[T]) makePlaces(n int) {
	if n > len(s.recent) {
		s.recent = append(s.recent, make([]int32, 1<<bits.Len(uint(n-1))-len(s.recent))...)
	}
}

// absorb adds the values of another set and returns their codes here.
func (s *set[T]) absorb(o *set[T]) []int32 {
	codes := make([]int32, len(o.values))
	for i, v := range o.values {
		codes[i] = s.code(v)
	}
	return codes
}

// sorted lists the codes by ascending value.
func (s *set[T]) sorted() []int32 {
	order := make([]int32, len(s.values))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(s.values[a], s.values[b]) })
	return order
}
