package hetero

import "github.com/fieldexp/fieldexp"

const fewerGroups fieldexp.Hint = "make fewer groups, so that each has both arms and usage in them"
