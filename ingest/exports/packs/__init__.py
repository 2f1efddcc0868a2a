"""Songs to be carried: a folder that opens by a double click, the same as ZIP, or a ZIM file for Kiwix."""
