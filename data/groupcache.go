package data

import (
	"slices"
	"strings"
	"sync"
)

// groupCache keeps the groups of the columns of a frame. Frames with the same columns may share it;
// it is safe for concurrent use. A nil cache keeps nothing.
type groupCache struct {
	mu   sync.Mutex
	kept map[string]*keptGroups
}

func newGroupCache() *groupCache { return &groupCache{kept: make(map[string]*keptGroups)} }

// keptGroups are the groups of some columns, found by the first who asks while others wait.
type keptGroups struct {
	columns []string
	once    sync.Once
	groups  Grouping
}

// find returns the groups of columns as they were kept, or else makes and keeps them.
func (c *groupCache) find(columns []string, make func() Grouping) Grouping {
	if c == nil {
		return make()
	}
	key := strings.Join(columns, "\x00")
	c.mu.Lock()
	k, ok := c.kept[key]
	if !ok {
		k = &keptGroups{columns: columns}
		c.kept[key] = k
	}
	c.mu.Unlock()
	k.once.Do(func() { k.groups = make() })
	return k.groups
}

// without is a cache of the groups that do not involve a column.
func (c *groupCache) without(column string) *groupCache {
	rest := newGroupCache()
	if c == nil {
		return rest
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, k := range c.kept {
		if !slices.Contains(k.columns, column) {
			rest.kept[key] = k
		}
	}
	return rest
}
