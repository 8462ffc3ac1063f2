package ops

// KnownVerb says whether the infinitive of a verb is known.
func KnownVerb(verb string) bool { return irregular[verb] != "" }
