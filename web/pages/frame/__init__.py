"""What all pages share: language, formats, words, drawings, questions, and the frame around."""
