(hold.lua)
