package environment

import "github.com/holmhq/holm/internal/web/grant"

// Honest is what a level is and what it is not.
const Honest = grant.Honest
