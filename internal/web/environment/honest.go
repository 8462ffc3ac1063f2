package environment

// Honest is what a level is and what it is not. It stands wherever somebody
// chooses one.
const Honest = "Whoever may deploy, edit configuration or use FTP can make code run inside that node. So Limited is a convenience inside a node and a hard wall around it: " +
	"what security rests on is that nodes are isolated from each other, and that secrets are kept out of nodes that need none."
