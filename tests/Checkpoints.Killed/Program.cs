using Requant.Checkpoints.Killed;

// Saves one number after the other until it is killed, and says of each that it is saved.
using var states = new CountedStates();
states.Load(args[0]);
Console.WriteLine(states.Number);
for (int number = states.Number + 1; ; number++)
{
    states.Set(number);
    states.Save(args[0]);
    Console.WriteLine(number);
}
